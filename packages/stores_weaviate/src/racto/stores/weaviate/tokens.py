"""What Weaviate filters on: digests of each key, and of each key with each of its values.

Weaviate types a property once for a whole class, while metadata is free: a key may hold text in
one chunk and a number in the next. Digests are of one type, exact for every kind of value (None,
dates and integers of any size too), and no key or value is ever read as a part of a query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from racto.core.documents import METADATA_FIELDS, Chunk

NUMBERS = ("page", "chunk_index", "total_chunks", "start_char", "end_char")
"""Fields that Weaviate also keeps as integers, for ranges."""

EXACT = 2**53
"""Integers up to this are exact in the doubles in which Weaviate's client sends them."""

MOST = 4000
"""The most tokens of a chunk; one with more is let through by every filter."""

ANY = "*"
"""The one token of a chunk that has too many, or a number that does not arrive exactly."""


def tokens_of(chunk: Chunk) -> list[str]:
    """The tokens of a chunk's metadata."""
    found: dict[str, None] = {}
    given = [name for name in NUMBERS if getattr(chunk.metadata, name) is not None]
    if len(given) > len(numbers_of(chunk)):
        # A range would miss it.
        return [ANY]
    for key, value in _values(chunk):
        found[presence(key)] = None
        for item in _items(value):
            token = equality(key, item)
            if token is not None:
                found[token] = None
        if len(found) > MOST:
            return [ANY]
    return list(found)


def numbers_of(chunk: Chunk) -> dict[str, int]:
    """The fields of a chunk that Weaviate keeps as integers."""
    values = {name: getattr(chunk.metadata, name) for name in NUMBERS}
    return {
        name: value for name, value in values.items() if isinstance(value, int) and is_exact(value)
    }


def is_exact(value: float) -> bool:
    """Whether a number arrives as it is."""
    return not isinstance(value, bool) and abs(value) <= EXACT


def presence(key: str) -> str:
    """The token of a key that is there."""
    return _digest("k", key)


def equality(key: str, value: Any) -> str | None:
    """The token of a key with a value; None for one that equals nothing.

    Args:
        key: The key.
        value: The value, or a whole list.
    """
    told = _told(value)
    return None if told is None else _digest("v", key, told)


def _digest(*words: str) -> str:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(word)}:{word}" for word in words)
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _told(value: Any) -> str | None:
    """A value as text that is the same for all that are equal to it, and for nothing else."""
    # Booleans before numbers, because in Python they are integers.
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        # NaN equals nothing, itself included.
        if value != value:
            return None
        whole = isinstance(value, float) and abs(value) != float("inf") and value == int(value)
        return f"n{int(value) if whole else value!r}"
    if isinstance(value, str):
        return f"s{value}"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return f"{'i' if value.tzinfo else 'm'}{moment.isoformat()}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    if isinstance(value, list | tuple):
        parts = [_told(item) for item in value]
        return None if None in parts else f"l{[part for part in parts if part is not None]!r}"
    return None


def _items(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, list | tuple):
        yield from value


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
        yield f"{above}{key}", value
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{key}.")
