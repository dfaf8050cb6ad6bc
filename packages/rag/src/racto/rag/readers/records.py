"""JsonReader: JSON and JSON Lines as fields with their names, one record a line."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from racto.core.documents import Document
from racto.core.errors import EmptyDocumentError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .characters import one_line, sound
from .composition import LINE, PARAGRAPH, Composition
from .encodings import decode, require_encoding
from .json_values import line_of, lines_of, parse
from .sources import DEFAULT_MAX_BYTES, Original, load
from .tables import TableText

_LINES = frozenset({".jsonl", ".ndjson"})
_FIRST_BAD = 10


class JsonReader:
    r"""Reads .json, .jsonl and .ndjson files as text such as ``author.name: Anna``.

    Fields are written with their names rather than as JSON, because a search, and the model that
    reads what it finds, profit from words: braces and ``\u00e9`` are none. Nulls and blank texts
    are left out, keys that come twice keep both values, and numbers stay as they are written.

    JSON Lines, and an array of objects, give one line a record with its fields apart by ``|``,
    and ``Document.rows``: the number of a record is that of its line in the file, or its place in
    the array. A line that is not JSON stays as it is and is counted. Any other JSON gives a
    line a field. A file that is no JSON at all, or nests too deep, is read as plain text, as
    settings with comments are: nothing is lost.

    Args:
        fallback_encoding: How to read files that are not UTF-8; None refuses them.
        max_bytes: Largest file to accept.

    Raises:
        ConfigurationError: If there is no such encoding.
    """

    def __init__(
        self, *, fallback_encoding: str | None = None, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        self.fallback_encoding = require_encoding(fallback_encoding)
        self.max_bytes = max_bytes

    @property
    def supported_extensions(self) -> frozenset[str]:
        """JSON, and the two endings of JSON Lines."""
        return frozenset({".json", *_LINES})

    def read(self, source: ReadSource) -> Document:
        """Read one file.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``row_count`` where there are records, ``bad_lines``
            (their ``count``, and the numbers of the ``first`` ones) where lines are not JSON, and
            ``malformed``, the reason, where the file as a whole is not.

        Raises:
            FileNotFoundError: If the path does not exist.
            EmptyDocumentError: If it holds nothing but brackets and nulls.
            ReadError: If it cannot be read, or is binary, too large, or of an unknown encoding.
        """
        original = load(source, max_bytes=self.max_bytes)
        text, encoding = decode(original, fallback=self.fallback_encoding)
        if PurePath(original.name).suffix.lower() in _LINES:
            return _lines(original, text, encoding)
        try:
            value = parse(text)
        except ValueError as exc:
            # Bytes have no name that tells JSON from JSON Lines, but the first line does.
            if _begins_with_record(text):
                return _lines(original, text, encoding)
            return original.document(
                sound(text), mime="application/json", encoding=encoding, malformed=str(exc)
            )
        if isinstance(value, list) and value and all(isinstance(each, tuple) for each in value):
            return _array(original, value, encoding)
        composed = Composition(original)
        for line in lines_of(value):
            composed.write(line, gap=PARAGRAPH if "\n" in line else LINE)
        return composed.document(mime="application/json", encoding=encoding)

    aread = threaded(read)


def _begins_with_record(text: str) -> bool:
    first, _, others = text.lstrip().partition("\n")
    if not others or first[:1] not in "{[":
        return False
    try:
        parse(first)
    except ValueError:
        return False
    return True


def _array(original: Original, records: list[Any], encoding: str) -> Document:
    table = TableText(original.source)
    written = sum(table.add_line(number, line_of(each)) for number, each in enumerate(records, 1))
    return _tabular(original, table, mime="application/json", encoding=encoding, row_count=written)


def _lines(original: Original, text: str, encoding: str) -> Document:
    table = TableText(original.source)
    written = bad = 0
    first: list[int] = []
    # Only at line ends: JSON may hold other characters that Python takes for such.
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.isspace():
            continue
        try:
            record = line_of(parse(line))
        except ValueError:
            record, bad = one_line(sound(line)), bad + 1
            if len(first) < _FIRST_BAD:
                first.append(number)
        written += table.add_line(number, record)
    return _tabular(
        original,
        table,
        mime="application/jsonl",
        encoding=encoding,
        row_count=written,
        bad_lines={"count": bad, "first": first} if bad else None,
    )


def _tabular(original: Original, table: TableText, **facts: Any) -> Document:
    text = table.finish()
    if not text:
        raise EmptyDocumentError(
            f"{original.source} holds no field with a value", source=original.source
        )
    return original.document(text, rows=table.rows, **facts)
