"""What Qdrant is told of a chunk's metadata, so that it can filter by it.

A point's payload has ``facts`` (strings and numbers by key), ``flags`` (booleans), ``dates``
(numbers, by kind and key), ``keys`` (names of what is there) and ``nulls`` (names of what is None).
A value that Qdrant cannot compare as racto does stands in ``facts`` as :data:`ODD`. The exact
metadata stands in ``record``; these are only for finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from racto.core.documents import METADATA_FIELDS, Chunk
from racto.core.filters import MAX_KEY, find

ODD = "\x00odd"
"""Among the facts of a key: it has a value that must be looked at in the record."""

ALWAYS = frozenset(METADATA_FIELDS) - {"page", "section"}
"""Fields that every chunk has; ``keys`` leaves them out."""

# Beyond it two integers become one float, and Qdrant compares floats.
LARGEST = float(2**53)
LONGEST_TEXT = 1024

_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
_MICROSECOND = timedelta(microseconds=1)


def facts_of(chunk: Chunk) -> dict[str, Any]:
    """The parts of a payload by which a chunk is found."""
    parts = _Parts()
    metadata = chunk.metadata
    for name in METADATA_FIELDS:
        value = getattr(metadata, name)
        if value is not None:
            parts.put(name, value)
            if name not in ALWAYS:
                parts.keys.append(name)
    for name, value in _entries(metadata.extra):
        parts.put(name, value)
        parts.keys.append(name)
    return parts.payload()


# The same few keys come with every chunk.
@lru_cache(maxsize=1024)
def path_to(part: str, name: str) -> str | None:
    """The JSON path of a key inside a part of the payload; None if Qdrant cannot be given it."""
    if _PLAIN.fullmatch(name):
        return f"{part}.{name}"
    # Inside quotes Qdrant knows no escapes, and quotes are what keep a key from being a path.
    if not name.isprintable() or any(mark in name for mark in '"\\[]'):
        return None
    return f'{part}."{name}"'


def place_of(value: Any) -> tuple[str, Any] | None:
    """Where a scalar is kept and as what; None if Qdrant cannot compare it as racto does."""
    # Before numbers, because in Python booleans are some.
    if isinstance(value, bool):
        return "flags", value
    if isinstance(value, str):
        return ("facts", value) if _is_comparable(value) else None
    if isinstance(value, int | float):
        return ("facts", value) if abs(value) <= LARGEST else None
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=_EPOCH.tzinfo)
        number = (moment - _EPOCH) // _MICROSECOND
        kind = "dates.instant" if value.tzinfo else "dates.moment"
        return (kind, number) if abs(number) <= LARGEST else None
    return ("dates.day", value.toordinal()) if isinstance(value, date) else None


def is_text(value: str) -> bool:
    """Whether a string can travel as UTF-8, which lone surrogates cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_comparable(value: str) -> bool:
    return len(value) <= LONGEST_TEXT and value != ODD and is_text(value)


def _entries(extra: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every key and dotted path by which a filter can find something, and what it finds."""
    nested: dict[str, None] = {}
    waiting = [("", extra)]
    while waiting:
        above, values = waiting.pop()
        for key, value in values.items():
            name = f"{above}{key}" if above else key
            # Longer keys cannot be asked for, which bounds the depth too.
            if not name or len(name) > MAX_KEY or not is_text(name):
                continue
            if isinstance(value, Mapping):
                waiting.append((f"{name}.", value))
            if name in METADATA_FIELDS:
                continue
            if above:
                nested[name] = None
            else:
                yield name, value
    for name in nested:
        # One name may lead to several places, of which a filter sees the first.
        if name not in extra:
            yield name, find(extra, name)


class _Parts:
    """Gathers the parts of one payload."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.others: dict[str, dict[str, list[Any]]] = {}
        self.keys: list[str] = []
        self.nulls: dict[str, None] = {}

    def put(self, name: str, value: Any) -> None:
        kind = type(value)
        # Nearly all values are plain ones under plain names.
        is_plain = (kind is str and _is_comparable(value)) or (
            kind is int and -LARGEST <= value <= LARGEST
        )
        if is_plain and path_to("facts", name) is not None:
            self.facts[name] = value
            return
        found: list[Any] = []
        for item in value if isinstance(value, list | tuple) else (value,):
            self._sort(name, item, found)
        if found:
            self.facts[name] = found[0] if len(found) == 1 else found

    def _sort(self, name: str, item: Any, found: list[Any]) -> None:
        if item is None:
            self.nulls[name] = None
            return
        # A mapping equals no scalar, and lists inside lists are asked for only as a whole.
        if isinstance(item, list | tuple | Mapping) or item != item:
            return
        if path_to("facts", name) is None:
            return
        place = place_of(item)
        if place is None:
            found.append(ODD)
        elif place[0] == "facts":
            found.append(place[1])
        else:
            self.others.setdefault(place[0], {}).setdefault(name, []).append(place[1])

    def payload(self) -> dict[str, Any]:
        made: dict[str, Any] = {"facts": self.facts}
        for place, values in self.others.items():
            part, _, kind = place.partition(".")
            inner = made.setdefault(part, {})
            if kind:
                inner = inner.setdefault(kind, {})
            for name, items in values.items():
                inner[name] = items[0] if len(items) == 1 else items
        if self.keys:
            made["keys"] = self.keys
        if self.nulls:
            made["nulls"] = list(self.nulls)
        return made
