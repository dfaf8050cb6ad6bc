"""What Pinecone can filter on: the scalars and lists of strings in a chunk's metadata.

A value that Pinecone has no exact type for (None, dates, large integers, mixed lists) is only
named in :data:`OTHERS`, so that a filter still finds its chunk and the store decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

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
_CONTROL = re.compile(r"[\x00-\x1f]")
# Pinecone's JSON takes no half of a surrogate pair, and NUL is dropped on many ways.
_UNHELD = re.compile("[\x00\ud800-\udfff]")


def field_of(key: str) -> str:
    """The field under which Pinecone keeps the value of a filter's key."""
    return key if key in METADATA_FIELDS else f"x.{key}"


def filterable(chunk: Chunk) -> tuple[dict[str, Any], int]:
    """The fields of a chunk for Pinecone to filter on, and how many bytes of JSON they take.

    Args:
        chunk: The chunk.
    """
    found: dict[str, Any] = {}
    others: set[str] = set()
    size = 0
    for key, value in _values(chunk):
        field, is_held = field_of(key), _holds(value)
        size += weight(field) + (_size(value) if is_held else 0) + _PUNCTUATION
        if size > _MOST_BYTES:
            others, size = {ANY}, _MOST_BYTES
            break
        # A key that is there twice, as a path and as itself, must not hide either value.
        if is_held and field not in found and key not in others:
            found[field] = list(value) if isinstance(value, list | tuple) else value
        else:
            found.pop(field, None)
            others.add(key)
    if others:
        found[OTHERS] = sorted(others)
    return found, size


def weight(text: str) -> int:
    """The most bytes that text takes inside JSON, without its quotes."""
    # A quote and a backslash grow by one, the other characters that need an escape by five.
    escapes = text.count('"') + text.count("\\")
    return len(text.encode("utf-8", "surrogatepass")) + escapes + 5 * len(_CONTROL.findall(text))


def _values(chunk: Chunk) -> Iterator[tuple[str, Any]]:
    metadata = chunk.metadata
    for name in METADATA_FIELDS:
        value = getattr(metadata, name)
        if value is not None:
            yield name, value
    for path, value in _paths(metadata.extra, ""):
        if path not in METADATA_FIELDS:
            yield path, value


def _paths(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        path = f"{above}{key}"
        yield path, value
        if isinstance(value, Mapping):
            yield from _paths(value, f"{path}.")


def _holds(value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return is_plain(value)
    if isinstance(value, int):
        return -EXACT <= value <= EXACT
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, str) and is_plain(item) for item in value)
    return False


def is_plain(text: str) -> bool:
    """Whether Pinecone can hold a text to filter on: not too long, and of whole characters."""
    return len(text) <= _LONGEST_TEXT and _UNHELD.search(text) is None


def _size(value: Any) -> int:
    if isinstance(value, str):
        return weight(value)
    if isinstance(value, list | tuple):
        return sum(weight(item) + _PUNCTUATION for item in value)
    return _LONGEST_NUMBER
