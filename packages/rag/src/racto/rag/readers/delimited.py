"""Comma- and tab-separated values: the delimiter found out, no row or field lost."""

from __future__ import annotations

import csv
import io
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

DELIMITERS = ",;\t|"
"""What may part two fields, the likeliest first."""

_SAMPLE_LINES = 50
_SAMPLE_CHARACTERS = 20_000
_QUOTES = '"'
# The limit on a field's length belongs to the whole process, so readers take turns to raise it.
_limit = threading.Lock()


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first lines into equally many fields, and into most of them.

    Args:
        text: A whole file. It may begin with Excel's ``sep=;``, which decides.

    Returns:
        One of :data:`DELIMITERS`, or what ``sep=`` names; a comma where every line is one field.
    """
    if text[:4] == "sep=" and text[5:6] in ("\n", "") and text[4:5] not in ("\n", _QUOTES):
        return text[4:5] or DELIMITERS[0]
    sample = text[:_SAMPLE_CHARACTERS].split("\n")[:_SAMPLE_LINES]
    return max(DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter))


def _fitness(sample: list[str], delimiter: str) -> tuple[float, int]:
    # No field of the sample is longer than the process's limit, which may have been lowered.
    try:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
    except csv.Error:
        return (0.0, 0)
    width, lines = widths.most_common(1)[0] if widths else (1, 0)
    return (lines / widths.total(), width) if width > 1 else (0.0, 0)


def rows_of(text: str, delimiter: str) -> Iterator[list[str]]:
    r"""The rows of a text, blank ones as empty lists.

    A quoted field may hold line ends. A quote that is never closed is taken as a character, as
    it would otherwise swallow all rows after it.

    Args:
        text: A whole file with line ends written as ``\n``.
        delimiter: What parts two fields.
    """
    if text.startswith(f"sep={delimiter}\n"):
        text = text[len(delimiter) + 5 :]
    lines = io.StringIO(text)
    if _is_unclosed(text, delimiter):
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter)


def _is_unclosed(text: str, delimiter: str) -> bool:
    """Whether the last row only ends because the file does."""
    if text.count(_QUOTES) % 2 == 0:
        return False
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    before = last = 0
    for _ in reader:
        before, last = last, reader.line_num
    return last - before > 1


@contextmanager
def fields_up_to(length: int) -> Iterator[None]:
    """Let :func:`rows_of` meet fields of this many characters, for as long as the block runs."""
    with _limit:
        former = csv.field_size_limit()
        csv.field_size_limit(max(former, length))
        try:
            yield
        finally:
            csv.field_size_limit(former)
