"""CodeChunker: chunks of source code that keep definitions whole where they fit."""

from __future__ import annotations

import re
from pathlib import PurePath

from racto.core.documents import Chunk, Document, cut_all
from racto.core.flows import threaded

from .packing import Borders, Packer
from .sizes import require_sizes

_PYTHON = frozenset({"python", "python3", "py", "pyi", "pyw"})
_STOPS = (("\n", 0), (";", 1), ("}", 1), (",", 1), (" ", 0))
_DEEPEST = 20
_WALL = 2 * _DEEPEST + 2
# A tab is as deep as four columns, and two columns are a level.
_TAB = 2

# An unclosed one reaches to the end, so that no character is looked at twice.
_LONG_STRINGS = re.compile(
    r'''(?xs)
    \#[^\n]*+
    | """(?:[^"\\]++|\\(?:.|\Z)|"(?!""))*+(?:"""|\Z)
    | \'\'\'(?:[^'\\]++|\\(?:.|\Z)|'(?!''))*+(?:\'\'\'|\Z)
    | "(?:[^"\\\n]++|\\(?:.|\Z))*+"?
    | '(?:[^'\\\n]++|\\(?:.|\Z))*+'?
    '''
)
# The groups: empty lines before it, its indentation, what goes on with the text above, and what
# belongs to the text below, such as a comment, a decorator or an attribute.
_LINE = re.compile(
    r"""(?x)\n((?:[ \t\r]*+\n)*+)([ \t]*+)
    (?: ([{})\]] | (?:else|elif|elsif|except|finally|catch|rescue|ensure|end|then|do)\b)
      | (@ | \# | //? | \* | -- | ;; | % | \"{3})
      | \S )
    """
)
_GOES_ON, _BELONGS = 3, 4
_OPENERS = ("{", "(", "[")


class CodeChunker:
    """Cuts source code between definitions, and inside one only where it is too long.

    The structure is told by indentation, as people see it, and by braces at the ends of lines
    where nothing is indented; no parser is needed and broken code is no trouble. Comments,
    decorators and attributes stay with the definition below them, closing brackets and ``else``
    branches with what stands above; the lines of a Python string are not taken for code. A
    definition that is longer than a chunk is cut between its methods or statements. Chunks begin
    with the indentation of their first line. The time is linear in the length of the text.

    Args:
        language: ``python``, or any other name; None takes the ending of the document's source.
        chunk_size: Most characters in a chunk, at least 1.
        overlap: Most characters repeated, less than ``chunk_size``: whole lines, and none from
            before the definition that a chunk begins with.

    Raises:
        ConfigurationError: If the sizes do not fit together; it is a ``ValueError``.
    """

    def __init__(
        self, language: str | None = None, *, chunk_size: int = 1_024, overlap: int = 0
    ) -> None:
        require_sizes(chunk_size, overlap)
        self.language = language
        self.chunk_size = chunk_size
        self.overlap = overlap
        self._packer = Packer(chunk_size, overlap, stops=_STOPS, wall=_WALL)

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text."""
        text = document.content
        language = self.language or PurePath(document.source).suffix.lstrip(".")
        inside = _inside_strings(text) if language.lower() in _PYTHON else []
        starts, ends = self._packer.cut(text, _borders(text, inside))
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)


def _borders(text: str, inside: list[int]) -> Borders:
    """The lines that may begin a chunk; those of the outermost level are the strongest."""
    borders = Borders([], [])
    braces = _Braces(text) if "\n " not in text and "\n\t" not in text else None
    tabs, strings, bound = "\n\t" in text, 0, False
    inside = [*inside, len(text) + 1]
    for line in _LINE.finditer("\n" + text):
        start, end = line.span(2)
        # Of the line end that was put before the text.
        at = start - 1
        kind, gap = line.lastindex, start - line.start() > 1
        while inside[strings] <= at:
            strings += 1
        level = braces.level(at) if braces else (end - start) // 2
        if tabs:
            level += line[2].count("\t") * _TAB
        # Between two places in the list lies one string; an odd number is inside of it.
        if kind != _GOES_ON and (gap or not bound) and strings % 2 == 0:
            borders.places.append(at)
            borders.strengths.append(2 * (_DEEPEST - level if level < _DEEPEST else 0) + 1 + gap)
        bound = kind == _BELONGS
    return borders


class _Braces:
    """Tells the levels of lines that are not indented, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0

    def level(self, at: int) -> int:
        """How many brackets are open where the line at an offset begins."""
        end = self._text.find("\n", at)
        line = self._text[at : end if end >= 0 else len(self._text)].rstrip()
        if line[0] in "})]":
            self._depth = max(self._depth - 1, 0)
        level = self._depth
        self._depth += line.endswith(_OPENERS)
        return level


def _inside_strings(text: str) -> list[int]:
    """Where the strings of several lines begin and end, in turn; a line on a border is outside."""
    inside: list[int] = []
    for found in _LONG_STRINGS.finditer(text):
        start, end = found.span()
        if text[start] != "#" and text.find("\n", start, end) >= 0:
            inside += (start + 1, end)
    return inside
