"""``python -m racto.tools.mcp.cli`` is the command ``racto-mcp``."""

import sys

from racto.tools.mcp.cli import main

if __name__ == "__main__":
    sys.exit(main())
