"""What Pinecone can filter on: the scalars and lists of strings in a chunk's metadata.

A value that Pinecone has no exact type for (None, dates, large integers, mixed lists) is only
named in :data:`OTHERS`, so that a filter still finds its chunk and the store decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from racto.core.documents import METADATA_FIELDS, Chunk

OTHERS = "_others"
"""The field with the keys whose values Pinecone cannot hold."""

ANY = "*"
"""Stands in :data:`OTHERS` for any key, when there are too many to name."""

EXACT = 2**53
"""Integers up to this are exact in the doubles that Pinecone keeps."""

_LONGEST_TEXT = 1024
_MOST_BYTES = 12_000
_LONGEST_NUMBER = 25
_PUNCTUATION = 8
_UNHELD_WIDTH = -1
_CONTROL = re.compile(r"[\x00-\x1f]")
# Pinecone's JSON takes no half of a surrogate pair, and NUL is dropped on many ways.
_UNHELD = re.compile("[\x00\ud800-\udfff]")
_COSTS = tuple((name, len(name) + _PUNCTUATION) for name in METADATA_FIELDS)


class _Extra(NamedTuple):
    """The fields of a chunk's free metadata, the keys that Pinecone cannot hold, and the bytes."""

    found: dict[str, Any]
    others: frozenset[str]
    size: int


class FieldMaker:
    """Makes the fields that Pinecone filters on, for the chunks of one batch.

    Chunks of one document share their source, their id and often their free metadata, so that
    what was made for one of them serves the others. It must not outlive the chunks.
    """

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}
        self._fields: dict[str, tuple[str, int]] = {}
        self._extras: dict[int, _Extra] = {}

    def fields_of(self, chunk: Chunk) -> tuple[dict[str, Any], int]:
        """The fields of a chunk, and how many bytes of JSON they take.

        Args:
            chunk: The chunk, which must live as long as this maker.
        """
        metadata = chunk.metadata
        found: dict[str, Any] = {}
        others: set[str] = set()
        size = 0
        known = self._widths
        for name, cost in _COSTS:
            value = getattr(metadata, name)
            # A chunk has nine of these, so the usual kinds are told apart here and not in a call.
            if type(value) is int and -EXACT <= value <= EXACT:
                width = _LONGEST_NUMBER
            elif value is None:
                continue
            else:
                width = (
                    known[value] if type(value) is str and value in known else self._width(value)
                )
            if width < 0:
                others.add(name)
                size += cost
            else:
                found[name] = list(value) if isinstance(value, list | tuple) else value
                size += cost + width
        if size > _MOST_BYTES:
            return {OTHERS: [ANY]}, _MOST_BYTES
        if metadata.extra:
            extra = self._extra(metadata.extra)
            size += extra.size
            if size > _MOST_BYTES:
                return {**found, OTHERS: [ANY]}, _MOST_BYTES
            found |= extra.found
            others |= extra.others
        if others:
            found[OTHERS] = sorted(others)
        return found, size

    def _extra(self, values: Mapping[str, Any]) -> _Extra:
        known = self._extras.get(id(values))
        if known is None:
            known = self._extras[id(values)] = self._made(values)
        return known

    def _made(self, values: Mapping[str, Any]) -> _Extra:
        found: dict[str, Any] = {}
        others: set[str] = set()
        size = 0
        for path, value in _paths(values, ""):
            if path in METADATA_FIELDS:
                continue
            field, cost = self._named(path)
            width = self._width(value)
            size += cost + max(width, 0)
            if size > _MOST_BYTES:
                break
            # A key that is there twice, as a path and as itself, must not hide either value.
            if width >= 0 and field not in found and path not in others:
                found[field] = list(value) if isinstance(value, list | tuple) else value
            else:
                found.pop(field, None)
                others.add(path)
        return _Extra(found, frozenset(others), size)

    def _named(self, path: str) -> tuple[str, int]:
        """The field of a path, and how many bytes its name takes."""
        known = self._fields.get(path)
        if known is None:
            field = f"x.{path}"
            known = self._fields[path] = field, weight(field) + _PUNCTUATION
        return known

    def _width(self, value: Any) -> int:
        """The most bytes that a value takes inside JSON, or -1 if Pinecone cannot hold it."""
        kind = type(value)
        if kind is int:
            return _LONGEST_NUMBER if -EXACT <= value <= EXACT else _UNHELD_WIDTH
        if kind is not str:
            return _width_of(value)
        width = self._widths.get(value)
        if width is None:
            width = _width_of(value)
            # Longer ones are seldom shared, and would be kept alive.
            if len(value) <= _LONGEST_TEXT:
                self._widths[value] = width
        return width


def field_of(key: str) -> str:
    """The field under which Pinecone keeps the value of a filter's key."""
    return key if key in METADATA_FIELDS else f"x.{key}"


def weight(text: str) -> int:
    """The most bytes that text takes inside JSON, without its quotes."""
    # A quote and a backslash grow by one, the other characters that need an escape by five.
    escapes = text.count('"') + text.count("\\")
    if text.isascii() and text.isprintable():
        return len(text) + escapes
    return len(text.encode("utf-8", "surrogatepass")) + escapes + 5 * len(_CONTROL.findall(text))


def is_plain(text: str) -> bool:
    """Whether Pinecone can hold a text to filter on: not too long, and of whole characters."""
    return len(text) <= _LONGEST_TEXT and _UNHELD.search(text) is None


def _paths(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        path = f"{above}{key}"
        yield path, value
        if isinstance(value, Mapping):
            yield from _paths(value, f"{path}.")


def _width_of(value: Any) -> int:
    if isinstance(value, bool):
        return _LONGEST_NUMBER
    if isinstance(value, str):
        return weight(value) if is_plain(value) else _UNHELD_WIDTH
    if isinstance(value, int):
        return _LONGEST_NUMBER if -EXACT <= value <= EXACT else _UNHELD_WIDTH
    if isinstance(value, float):
        return _LONGEST_NUMBER if math.isfinite(value) else _UNHELD_WIDTH
    if not (isinstance(value, list | tuple) and value):
        return _UNHELD_WIDTH
    if not all(isinstance(item, str) and is_plain(item) for item in value):
        return _UNHELD_WIDTH
    return sum(weight(item) + _PUNCTUATION for item in value)
