"""Serves at its first start and dies in the first call; every later start dies at once.

Its argument is a file that remembers whether it was started before.
"""

import os
import sys
from pathlib import Path

from wire import Message, note, serve

been_here = Path(sys.argv[1])
if been_here.exists():
    note({"started": sys.argv})
    print("fatal: the port is taken", file=sys.stderr)
    sys.exit(1)
been_here.touch()


def die(message: Message) -> None:
    os._exit(9)


serve({"die": die})
