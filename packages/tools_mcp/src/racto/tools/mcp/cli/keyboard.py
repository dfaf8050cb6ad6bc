"""Lines typed at the terminal, awaited so that Ctrl-C and the session go on meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Final

_LONGEST: Final = 65_536


class Keyboard:
    """Reads what a person types, a line at a time.

    A thread of its own waits, not one of the loop's: the loop would wait for it at the end, and
    nobody would type a line for that.
    """

    def __init__(self) -> None:
        self._pending: asyncio.Future[str | None] | None = None

    @property
    def is_there(self) -> bool:
        """Whether standard input is a terminal."""
        return sys.stdin is not None and sys.stdin.isatty()

    async def __call__(self) -> str | None:
        """The next line, without its break; None where the input ends, as by Ctrl-D."""
        # A question that was withdrawn leaves a wait behind, and the next one takes it over.
        if self._pending is None:
            self._pending = asyncio.get_running_loop().create_future()
            threading.Thread(
                target=_read, args=(asyncio.get_running_loop(), self._pending), daemon=True
            ).start()
        # A question that is withdrawn must not take the reader with it.
        line = await asyncio.shield(self._pending)
        self._pending = None
        return line


def _read(loop: asyncio.AbstractEventLoop, line: asyncio.Future[str | None]) -> None:
    # Not sys.stdin, whose lock a waiting thread would still hold when the interpreter ends.
    data = os.read(sys.__stdin__.fileno() if sys.__stdin__ else 0, _LONGEST)
    text = data.decode("utf-8", "replace").rstrip("\r\n") if data else None
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, line, text)


def _settle(line: asyncio.Future[str | None], text: str | None) -> None:
    if not line.done():
        line.set_result(text)
