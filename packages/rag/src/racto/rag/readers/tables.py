"""Tables as text: one line a row, each cell led by its header, each row known by its offset."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.documents import Section
from racto.core.errors import DocumentTooLargeError

from .characters import one_line
from .composition import DEFAULT_MAX_CHARACTERS

CELL_BREAK = " | "
"""What stands between two cells of a row."""

MOST_ROWS = 4_000_000
"""Most rows of one document, blank ones between others included."""

# A header goes before every cell below it; a title of a page's length may not.
_LONGEST_HEADER = 80


class TableText:
    """The text of one or more tables, written row by row.

    The first row of a table that is not blank is its header, unless it holds no letter: then the
    table has none, and its cells stand without. Blank headers are numbered by their column,
    repeated ones by how often they came.

    Args:
        source: Label of the document, for messages.
        max_characters: Most characters to write.
    """

    def __init__(self, source: str, *, max_characters: int = DEFAULT_MAX_CHARACTERS) -> None:
        self._source = source
        self._most = max_characters
        self._parts: list[str] = []
        self._length = 0
        self._labels: list[str] | None = None
        self._is_labelled = False
        self._title: str | None = None
        self._done = 0
        self.rows: list[int] = []
        self.sections: list[Section] = []
        self.ragged = 0

    def begin(self, title: str | None = None) -> None:
        """Begin another table; its title is a heading, left out if no row follows."""
        self._labels, self._title, self._done = None, title, 0

    def add(self, number: int, cells: Sequence[str]) -> bool:
        """Write a row, unless all its cells are blank.

        Args:
            number: Its 1-based number in the table, above that of the row before.
            cells: Texts of its cells.

        Returns:
            Whether there was anything to write.

        Raises:
            DocumentTooLargeError: If the text grows too long, or has too many rows.
        """
        return self.add_line(number, self._line(cells))

    def add_line(self, number: int, line: str) -> bool:
        """Write a row that is a line already, unless it is empty; as :meth:`add` otherwise."""
        if not line:
            return False
        if self._title is not None:
            self._begin_section(one_line(self._title) or "untitled")
        skipped = number - self._done
        if len(self.rows) + skipped > MOST_ROWS or self._length + len(line) > self._most:
            raise DocumentTooLargeError(
                f"{self._source} gives more than {MOST_ROWS:,} rows or {self._most:,} characters "
                f"of text, at row {number:,}; split it",
                source=self._source,
            )
        self.rows.extend([self._length] * skipped)
        self._done = number
        self._write(line, "\n")
        return True

    def finish(self) -> str:
        """The text, without a line end at its end."""
        return "".join(self._parts)[:-1]

    def _begin_section(self, title: str) -> None:
        if self._length:
            self._write("", "\n")
        self.sections.append(Section(start=self._length, title=title))
        self._write(title, "\n")
        self._title = None

    def _write(self, line: str, end: str) -> None:
        self._parts.append(line + end)
        self._length += len(line) + len(end)

    def _extra_label(self, column: int) -> str:
        return f"column {column + 1}: " if self._is_labelled else ""

    def _line(self, cells: Sequence[str]) -> str:
        labels = self._labels
        if labels is None:
            cells = [one_line(cell) for cell in cells]
            if any(cells):
                self._is_labelled = any(map(str.isalpha, "".join(cells)))
                self._labels = _labels(cells) if self._is_labelled else [""] * len(cells)
            return CELL_BREAK.join(filter(None, cells))
        if len(cells) != len(labels):
            self.ragged += any(cells)
            labels = [*labels, *map(self._extra_label, range(len(labels), len(cells)))]
        pairs = zip(labels, map(str.strip, cells), strict=False)
        line = CELL_BREAK.join([label + cell for label, cell in pairs if cell])
        if len(line.splitlines()) < 2:
            return line
        pairs = zip(labels, map(one_line, cells), strict=False)
        return CELL_BREAK.join([label + cell for label, cell in pairs if cell])


def _labels(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    labels: list[str] = []
    for column, header in enumerate(headers, 1):
        name = header[:_LONGEST_HEADER] or f"column {column}"
        while name in seen:
            seen[name] += 1
            name = f"{name} {seen[name]}"
        seen[name] = 1
        labels.append(f"{name}: ")
    return labels
