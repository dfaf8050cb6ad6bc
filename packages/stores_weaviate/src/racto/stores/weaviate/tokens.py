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

_SHARED = 20_000


class TokenMaker:
    """Makes the tokens of the chunks of one batch.

    Chunks of one document share their source, their id and often their free metadata, so that
    what was made for one of them serves the others. It must not outlive the chunks.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, Any], str] = {}
        self._extras: dict[int, list[str]] = {}
        self._fields = [(name, presence(name), name in NUMBERS) for name in METADATA_FIELDS]

    def tokens_of(self, chunk: Chunk) -> list[str]:
        """The tokens of a chunk's metadata.

        Args:
            chunk: The chunk, which must live as long as this maker.
        """
        metadata = chunk.metadata
        found: list[str] = []
        for name, there, is_number in self._fields:
            value = getattr(metadata, name)
            if value is None:
                continue
            # A range would miss what is not exact.
            if is_number and not is_integer(value):
                return [ANY]
            found.append(there)
            if type(value) is int or type(value) is str:
                found.append(self._equality(name, value))
            else:
                found += _all_of(name, value)
        if metadata.extra:
            found = list(dict.fromkeys([*found, *self._extra(metadata.extra)]))
        return found if len(found) <= MOST else [ANY]

    def _equality(self, name: str, value: Any) -> str:
        # Strings and integers alone: 1 and True are one key, and not one token.
        known = self._known.get((name, value))
        if known is None:
            known = _digest("v", name, f"n{value}" if type(value) is int else f"s{value}")
            if len(self._known) < _SHARED:
                self._known[name, value] = known
        return known

    def _extra(self, values: Mapping[str, Any]) -> list[str]:
        known = self._extras.get(id(values))
        if known is not None:
            return known
        found: dict[str, None] = {}
        for path, value in _paths(values, ""):
            if path in METADATA_FIELDS:
                continue
            found[self._presence(path)] = None
            if type(value) is str or type(value) is int:
                found[self._equality(path, value)] = None
            else:
                found |= dict.fromkeys(_all_of(path, value))
            if len(found) > MOST:
                break
        made = self._extras[id(values)] = list(found)
        return made

    def _presence(self, path: str) -> str:
        known = self._known.get((path, None))
        if known is None:
            known = presence(path)
            if len(self._known) < _SHARED:
                self._known[path, None] = known
        return known


def numbers_of(chunk: Chunk) -> dict[str, int]:
    """The fields of a chunk that Weaviate keeps as integers."""
    metadata = chunk.metadata
    found = {}
    for name in NUMBERS:
        value = getattr(metadata, name)
        if is_integer(value):
            found[name] = value
    return found


def is_integer(value: Any) -> bool:
    """Whether a value is an integer that arrives as it is."""
    if type(value) is int:
        return -EXACT <= value <= EXACT
    return isinstance(value, int) and is_exact(value)


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


def _all_of(key: str, value: Any) -> list[str]:
    """The tokens of a value, and of each item of a list."""
    found = [equality(key, value)]
    if isinstance(value, list | tuple):
        found += [equality(key, item) for item in value]
    return [token for token in found if token is not None]


def _digest(*words: str) -> str:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    text = "".join([f"{len(word)}:{word}" for word in words])
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


def _paths(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        yield f"{above}{key}", value
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{key}.")
