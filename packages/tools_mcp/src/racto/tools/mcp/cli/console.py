"""What the command prints on standard output: plain lines that fit the terminal they stand in."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from typing import Final, TextIO

# Names and texts come from strangers, and a terminal obeys these: it would move its cursor,
# change its title, or show the line in another order than it was written.
_COMMANDS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_STYLES: Final = {"strong": "\x1b[1m", "faint": "\x1b[2m", "bad": "\x1b[31m"}
_PLAIN: Final = "\x1b[0m"


class Console:
    """Prints lines, in a terminal no wider than it and with some of them set off.

    Args:
        stream: Where to print; standard output by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.is_terminal = self._stream.isatty()
        self._has_styles = (
            self.is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        )

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None where lines may be of any length."""
        if not self.is_terminal:
            return None
        # Below this a line would be all breaks.
        return max(shutil.get_terminal_size().columns, 20)

    def say(self, text: str = "", *, style: str = "", indent: int = 0) -> None:
        """Print lines as they are, but for what a terminal would obey.

        Args:
            text: The lines.
            style: ``strong``, ``faint`` or ``bad``.
            indent: Columns that are left free before each line.
        """
        shown = textwrap.indent(printable(text), " " * indent)
        # Not around nothing: an empty line needs no colour.
        if self._has_styles and style and shown:
            shown = f"{_STYLES[style]}{shown}{_PLAIN}"
        self._stream.write(f"{shown}\n")

    def fit(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Print one line, cut where the terminal ends."""
        text, width = one_line(text), self.width
        if width is not None:
            text = shortened(text, width - indent)
        self.say(text, indent=indent, style=style)

    def wrap(self, text: str, *, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Print a paragraph, broken between words where the terminal ends.

        Args:
            text: The paragraph.
            indent: Columns that are left free.
            lead: Stands before the first line; the others begin below its end.
            style: As :meth:`say` takes it.
        """
        text, width = one_line(printable(text)), self.width
        if width is not None:
            text = textwrap.fill(
                text,
                max(width - indent, len(lead) + 20),
                initial_indent=lead,
                subsequent_indent=" " * len(lead),
                break_on_hyphens=False,
            )
        else:
            text = f"{lead}{text}"
        self.say(text, indent=indent, style=style)

    def raw(self, text: str) -> None:
        """Print what a tool answered: untouched into files and pipes, safely in a terminal."""
        shown = printable(text) if self.is_terminal else text
        self._stream.write(shown if shown.endswith("\n") else f"{shown}\n")


def printable(text: str) -> str:
    """The text with escapes in the place of characters that a terminal would obey."""
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """The text without line breaks."""
    return " ".join(text.split())


def shortened(text: str, width: int) -> str:
    """The text, cut to a width."""
    return text if len(text) <= width else f"{text[: max(width - 3, 1)]}..."


def size(count: int) -> str:
    """A number of bytes for people."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def duration(seconds: float) -> str:
    """A time for people."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def counted(count: int, noun: str) -> str:
    """A number of things in words."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
