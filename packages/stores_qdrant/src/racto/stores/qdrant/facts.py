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

# Metadata of so many documents is kept at once.
_MOST_KNOWN = 256

_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
_MICROSECOND = timedelta(microseconds=1)


class FactBook:
    """The parts of payloads by which chunks are found; shared metadata is looked at once.

    Chunks of one document share their free facts, so what is made of those is kept by identity.
    Make one for each call that writes: a caller may change metadata between two calls.
    """

    def __init__(self) -> None:
        # The metadata stands beside its parts so that its id stays its own.
        self._known: dict[int, tuple[Mapping[str, Any], _Parts]] = {}

    def facts_of(self, chunk: Chunk) -> dict[str, Any]:
        """The parts of a chunk's payload by which it is found."""
        metadata = chunk.metadata
        own: dict[str, Any] = {
            "source": metadata.source, "chunk_index": metadata.chunk_index,
            "total_chunks": metadata.total_chunks, "start_char": metadata.start_char,
            "end_char": metadata.end_char, "doc_id": metadata.doc_id,
        }  # fmt: skip
        # These two stand among the keys, because a chunk may lack them.
        if metadata.page is not None:
            own["page"] = metadata.page
        if metadata.section is not None:
            own["section"] = metadata.section
        parts = self._parts_of(metadata.extra)
        keys = [*own][len(ALWAYS) :]
        if not all(map(_is_plain, own.values())):
            parts = _parts(metadata.extra, own)
            own = {}
        made: dict[str, Any] = {"facts": {**own, **parts.facts}, **parts.others}
        if keys or parts.keys:
            made["keys"] = [*keys, *parts.keys]
        if parts.nulls:
            made["nulls"] = [*parts.nulls]
        return made

    def _parts_of(self, extra: Mapping[str, Any]) -> _Parts:
        known = self._known.get(id(extra))
        if known is not None:
            return known[1]
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        parts = _parts(extra, {})
        self._known[id(extra)] = extra, parts
        return parts


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
    # What is ASCII a string knows of itself.
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_comparable(value: str) -> bool:
    return len(value) <= LONGEST_TEXT and value != ODD and is_text(value)


def _is_plain(value: Any) -> bool:
    """Whether a value is its own fact, as nearly all are."""
    kind = type(value)
    if kind is int:
        return bool(-LARGEST <= value <= LARGEST)
    return kind is str and _is_comparable(value)


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


def _parts(extra: Mapping[str, Any], own: Mapping[str, Any]) -> _Parts:
    """What is made of free facts, and of fields that are no plain ones."""
    parts = _Parts()
    for name, value in own.items():
        parts.put(name, value)
    for name, value in _entries(extra):
        parts.put(name, value)
        parts.keys.append(name)
    return parts


class _Parts:
    """Gathers the parts of one payload."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        # By the name of the part: values by key, or for dates by kind and key.
        self.others: dict[str, dict[str, Any]] = {}
        self.keys: list[str] = []
        self.nulls: dict[str, None] = {}

    def put(self, name: str, value: Any) -> None:
        if _is_plain(value) and path_to("facts", name) is not None:
            self.facts[name] = value
            return
        found: dict[str, list[Any]] = {}
        for item in value if isinstance(value, list | tuple) else (value,):
            self._sort(name, item, found)
        for place, items in found.items():
            self._at(place)[name] = items[0] if len(items) == 1 else items

    def _sort(self, name: str, item: Any, found: dict[str, list[Any]]) -> None:
        if item is None:
            self.nulls[name] = None
            return
        # A mapping equals no scalar, and lists inside lists are asked for only as a whole.
        if isinstance(item, list | tuple | Mapping) or item != item:
            return
        if path_to("facts", name) is None:
            return
        place, fact = place_of(item) or ("facts", ODD)
        found.setdefault(place, []).append(fact)

    def _at(self, place: str) -> dict[str, Any]:
        if place == "facts":
            return self.facts
        part, _, kind = place.partition(".")
        inner = self.others.setdefault(part, {})
        return inner.setdefault(kind, {}) if kind else inner
