"""What the command prints: with rich in a terminal, as plain lines in logs and pipes."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from racto.core.errors import MissingExtraError
from racto.rag.ingestion import IngestionProgress
from racto.rag.ingestion.report import ProgressCallback

if TYPE_CHECKING:
    from rich.console import Console as RichTerminal

_SECONDS_BETWEEN_LINES = 5.0
# Names and texts come from strangers, and a terminal obeys these: it would move its cursor,
# change its title, or show the line in another order than it was written.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Console:
    """Prints text, tables and progress.

    Args:
        stream: Where results go; standard output by default. Progress goes to standard error.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._rich: RichTerminal | None = None
        # Colours and bars are for people; logs and pipes get plain lines.
        if self._stream.isatty():
            with suppress(MissingExtraError):
                self._rich = _rich_terminal()

    def say(self, text: str = "", *, strong: bool = False) -> None:
        """Print lines as they are, but for what is :func:`printable` only as an escape."""
        text = printable(text)
        if self._rich is not None:
            self._rich.print(
                text, style="bold" if strong else "", markup=False, highlight=False, soft_wrap=True
            )
        else:
            print(text, file=self._stream)

    def write(self, text: str) -> None:
        """Print text at once and go on behind it."""
        self._stream.write(printable(text))
        self._stream.flush()

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under headers, in aligned columns."""
        # A file name or reason may hold line breaks; a row may not.
        lines = [[one_line(printable(cell)) for cell in row] for row in (headers, *rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for number, line in enumerate(lines):
            cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
            self.say("  " + "  ".join(cells).rstrip(), strong=number == 0)

    @contextmanager
    def progress(self) -> Iterator[ProgressCallback]:
        """A progress display; the block gets the callback that moves it."""
        if not sys.stderr.isatty():
            yield _lines()
            return
        try:
            terminal = _rich_terminal(errors=True)
        except MissingExtraError as missing:
            # Only a hint: a command that can do its work must not insist on looking good.
            yield _lines(hint=missing.message)
            return
        with _shown(terminal) as move:
            yield move


def _rich_terminal(*, errors: bool = False) -> RichTerminal:
    try:
        from rich.console import Console as Terminal
    except ImportError as error:
        raise MissingExtraError(
            "rich", install="racto-rag[cli]", purpose="a progress bar"
        ) from error
    return Terminal(stderr=errors)


@contextmanager
def _shown(terminal: RichTerminal) -> Iterator[ProgressCallback]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[count]:>16}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[current]}", markup=False),
    )
    with Progress(*columns, console=terminal, transient=True) as display:
        task = display.add_task("ingest", total=None, count="looking around", current="")

        def move(progress: IngestionProgress) -> None:
            display.update(
                task,
                completed=progress.files,
                total=progress.total_files,
                count=f"{progress.files}/{progress.total_files} files",
                current=one_line(printable(progress.current))[-50:],
            )

        yield move


def _lines(hint: str = "") -> ProgressCallback:
    """A progress display for logs: a line now and then, none when it is over quickly."""
    last = time.monotonic()

    def tell(progress: IngestionProgress) -> None:
        nonlocal last, hint
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            size = megabytes(progress.bytes)
            line = f"  {progress.files}/{progress.total_files} files, {size}"
            print(f"{line}  ({hint})" if hint else line, file=sys.stderr)  # noqa: T201
            hint = ""

    return tell


def printable(text: str) -> str:
    """The text with escapes in the place of characters that a terminal would obey."""
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """The text without line breaks."""
    return " ".join(text.split())


def megabytes(count: int) -> str:
    """A number of bytes for people."""
    if count < 1000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.1f} kB"
    return f"{count / 1_000_000:.1f} MB"


def duration(seconds: float) -> str:
    """A time for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
