"""``python -m racto.kafka`` is the command ``racto-kafka``."""

import sys

from racto.kafka.cli import main

if __name__ == "__main__":
    sys.exit(main())
