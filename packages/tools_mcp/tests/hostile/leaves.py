"""Leaves a child behind that holds its pipes open, and dies in the call that made it."""

import os
import time

from wire import Message, serve


def leave(message: Message) -> None:
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)


serve({"leave": leave})
