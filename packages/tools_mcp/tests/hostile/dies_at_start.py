"""Dies at once, with its reason on the error output."""

import sys

from wire import note

note({"started": sys.argv})
print("fatal: the licence file is missing", file=sys.stderr)
sys.exit(3)
