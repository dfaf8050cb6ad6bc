"""What a server wrote to its error output: logged as it comes, and its end kept for errors."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from typing import IO

_LINES = 20
_WIDTH = 500


class LastWords:
    """Reads a child's error output in a thread, which works on every system.

    Left alone, a full pipe would stop the server; passed through, its chatter would stand in the
    terminal of a program that never asked for it. It goes to the log ``racto.tools.mcp.<label>``.

    Args:
        label: The server's label.

    Attributes:
        ending: How the server ended, for a sentence: `` (exit code 1)``; empty when unknown.
    """

    def __init__(self, label: str) -> None:
        self._log = logging.getLogger(f"racto.tools.mcp.{label}")
        self._lines: deque[str] = deque(maxlen=_LINES)
        self.ending = ""
        self._writing: int | None = None
        self._reader: threading.Thread | None = None

    def open(self) -> int:
        """Make the pipe and return the end that the server is given."""
        reading, self._writing = os.pipe()
        source = os.fdopen(reading, "rb")
        self._reader = threading.Thread(target=self._read, args=(source,), daemon=True)
        self._reader.start()
        return self._writing

    def started(self) -> None:
        """Close our copy of the server's end, so that the pipe ends with the server."""
        if self._writing is not None:
            os.close(self._writing)
            self._writing = None

    def text(self) -> str:
        """The last lines, empty when there are none."""
        # Its end may still be on the way when the session has noticed it already.
        if self._reader is not None:
            self._reader.join(timeout=0.2)
        return "\n".join(self._lines)

    def _read(self, source: IO[bytes]) -> None:
        with source:
            while line := source.readline(64 * 1024):
                text = line.decode("utf-8", "replace").rstrip()[:_WIDTH]
                if text:
                    self._lines.append(text)
                    self._log.debug("%s", text)
