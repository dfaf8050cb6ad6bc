"""Threads that a hung tool may keep: daemons, each used again while it has nothing to do."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import TypeAlias

Work: TypeAlias = Callable[[], object]

IDLE_SECONDS = 10.0
"""How long a thread waits for more work before it ends."""

# One operation on a list is atomic, so no lock is needed that a fork might copy while it is held.
_idle: list[queue.SimpleQueue[Work]] = []


def begin(work: Work) -> None:
    """Run something in a thread and return at once.

    A pool of the standard library waits for its threads when the interpreter ends, and so for
    ever for one that hangs; starting a thread for each call costs several times as much.

    Args:
        work: What to run; it must not raise.
    """
    try:
        desk = _idle.pop()
    except IndexError:
        desk = queue.SimpleQueue()
        threading.Thread(target=_serve, args=(desk,), name="racto-tools", daemon=True).start()
    desk.put(work)


def _serve(desk: queue.SimpleQueue[Work]) -> None:
    while True:
        try:
            work = desk.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            try:
                _idle.remove(desk)
            except ValueError:
                # Taken in this very moment: the work is on its way.
                work = desk.get()
            else:
                return
        work()
        # What the work held must not live on while the thread is idle.
        del work
        _idle.append(desk)


if hasattr(os, "register_at_fork"):
    # A forked child has the list and none of the threads.
    os.register_at_fork(after_in_child=_idle.clear)
