"""What the command tells on standard error beside its results: news, logs, and how far a call is."""

from __future__ import annotations

import logging
import shutil
import sys
import textwrap
from typing import Final, TextIO

from .console import one_line, printable, shortened

_ERASE: Final = "\r\x1b[K"
_BAR: Final = 20


class Notices:
    """Writes lines to standard error, and keeps one line there that changes in place.

    Args:
        stream: Where to write; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.is_terminal = self._stream.isatty()
        self._is_dirty = False

    def tell(self, text: str = "") -> None:
        """Write lines; a progress line makes room for them."""
        self.clear()
        self._stream.write(f"{printable(text)}\n")
        self._stream.flush()

    def paragraph(self, text: str, *, indent: int = 0) -> None:
        """Write one line, which a terminal is given broken between words.

        Args:
            text: The line.
            indent: Columns that are left free before it.
        """
        lead, text = " " * indent, one_line(text)
        if self.is_terminal:
            text = textwrap.fill(
                text,
                max(shutil.get_terminal_size().columns - indent, 20),
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        self.tell(textwrap.indent(text, lead))

    def ask(self, text: str) -> None:
        """Write the words before an answer that is typed on the same line."""
        self.clear()
        self._stream.write(printable(text))
        self._stream.flush()

    def end_line(self) -> None:
        """Begin a new line after the ``^C`` that a terminal shows."""
        if self.is_terminal:
            self.tell()

    def progress(self, done: float, total: float | None, message: str) -> None:
        """Show how far a call is; only a terminal is shown it."""
        if self.is_terminal:
            # One column less: a full last line would make the terminal scroll.
            line = shortened(bar(done, total, message), shutil.get_terminal_size().columns - 1)
            self._stream.write(f"{_ERASE}{line}")
            self._stream.flush()
            self._is_dirty = True

    def clear(self) -> None:
        """Take the progress line away."""
        if self._is_dirty:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._is_dirty = False


def bar(done: float, total: float | None, message: str) -> str:
    """A line that says how far a call is."""
    words = one_line(printable(message))
    # Some servers count without knowing the end.
    if not total or total < 0:
        return f"{done:g}  {words}".rstrip()
    # And some count beyond it.
    share = min(max(done / total, 0.0), 1.0)
    full = round(share * _BAR)
    return f"[{'#' * full}{'.' * (_BAR - full)}] {share:4.0%}  {done:g}/{total:g}  {words}".rstrip()


class NoticeHandler(logging.Handler):
    """Hands log records on to the notices.

    Args:
        notices: Where they are written.
        has_traces: Whether tracebacks are written too.
    """

    def __init__(self, notices: Notices, *, has_traces: bool) -> None:
        super().__init__()
        self._notices, self._has_traces = notices, has_traces

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as one line, and its traceback where that is wanted."""
        source = record.name.removeprefix("racto.tools.mcp").lstrip(".") or "racto-mcp"
        # What the server prints has its own levels in its own words.
        level = "" if record.levelno <= logging.DEBUG else f" {record.levelname.lower()}:"
        self._notices.tell(f"[{source}]{level} {record.getMessage()}")
        if record.exc_info and self._has_traces:
            self._notices.tell(logging.Formatter().formatException(record.exc_info))
