"""``python -m racto.rag`` is the command ``racto-rag``."""

import sys

from racto.rag.cli import main

if __name__ == "__main__":
    sys.exit(main())
