"""What Chroma is told of a chunk's metadata, so that it can filter by it.

Chroma merges the metadata of a replaced record into the old one, so a key that the new chunk lacks
would stay. What is told of a chunk therefore stands in one list of strings, which is replaced as a
whole: a token for each key that is there and each value under it. Numbers stand in columns of
their own too (``n.page``), for ranges; a column counts only beside the token that says it is fresh.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from racto.core.documents import METADATA_FIELDS, Chunk
from racto.core.filters import MAX_KEY, find

ALWAYS = frozenset(METADATA_FIELDS) - {"page", "section"}
"""Fields that every chunk has."""

COUNTS = ("chunk_index",)
"""Fields that are one number in every chunk: their columns are always fresh."""

UNTOLD = ("total_chunks", "start_char", "end_char")
"""Fields that hardly anybody filters by, each of which would cost every chunk a row."""

_TOLD_FIELDS = tuple(name for name in METADATA_FIELDS if name not in UNTOLD)
# Metadata of so many documents is kept at once.
_MOST_KNOWN = 256

# Beyond it two integers become one float, and Chroma's columns are floats.
LARGEST = float(2**53)

# Longer tokens are replaced by their hash, which tells them apart as well.
_LONGEST = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
_MICROSECOND = timedelta(microseconds=1)


class TokenBook:
    """The parts of records by which chunks are found; shared metadata is looked at once.

    Chunks of one document share their source, their free facts and more, so the tokens of a field
    are kept by its value, and those of free facts by identity. Make one for each call that
    writes: a caller may change metadata between two calls.
    """

    def __init__(self) -> None:
        # The metadata stands beside its tokens so that its id stays its own.
        self._extras: dict[int, tuple[Mapping[str, Any], _Told]] = {}
        self._fields: dict[tuple[str, str], list[str]] = {}

    def facts_of(self, chunk: Chunk) -> dict[str, Any]:
        """The parts of a chunk's record by which it is found."""
        metadata = chunk.metadata
        tokens: list[str] = []
        columns: dict[str, Any] = {}
        for name in _TOLD_FIELDS:
            value = getattr(metadata, name)
            if value is None:
                continue
            if type(value) is str:
                tokens += self._tokens_of(name, value)
            elif name in COUNTS and is_exact(value):
                columns[column(name)] = float(value)
            else:
                told = _Told({name: value})
                tokens += told.tokens
                columns |= told.columns
        told = self._told_of(metadata.extra)
        return {**columns, **told.columns, "facts": [*tokens, *told.tokens]}

    def _tokens_of(self, name: str, value: str) -> list[str]:
        known = self._fields.get((name, value))
        if known is None:
            if len(self._fields) >= _MOST_KNOWN:
                self._fields.clear()
            known = [*_Told({name: value}).tokens]
            self._fields[name, value] = known
        return known

    def _told_of(self, extra: Mapping[str, Any]) -> _Told:
        known = self._extras.get(id(extra))
        if known is not None:
            return known[1]
        if len(self._extras) >= _MOST_KNOWN:
            self._extras.clear()
        told = _Told(dict(_entries(extra)))
        self._extras[id(extra)] = extra, told
        return told


class _Told:
    """Tokens and columns of some values by name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.tokens: dict[str, None] = {}
        self.columns: dict[str, float] = {}
        for name, value in values.items():
            _put(name, value, self.tokens, self.columns)


def column(name: str) -> str:
    """The metadata key under which the number of a key stands."""
    return _short(f"n.{name}")


def token(kind: str, name: str, value: str = "") -> str:
    """A token; what is long or no UTF-8 is hashed.

    Args:
        kind: ``k`` of a key that is there, ``n`` of a fresh number, ``l`` of numbers in a list or
            beyond floats, or a letter for the kind of the value.
        name: The metadata key.
        value: The value's spelling.
    """
    # With the name's length before it no name can pass for another name and its value.
    return _short(f"{kind}{len(name)}\x1f{name}\x1f{value}")


def value_token(name: str, value: Any) -> str | None:
    """The token of a scalar under a key; None for what equals nothing."""
    if value is None:
        return token("0", name)
    if isinstance(value, bool):
        return token("b", name, str(value))
    if isinstance(value, str):
        return token("s", name, f"={value}")
    if isinstance(value, int | float):
        # All that Python calls equal has one spelling here, and NaN has none.
        return None if value != value else token("v", name, _spelled(value))
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=_EPOCH.tzinfo)
        return token("i" if value.tzinfo else "m", name, str((moment - _EPOCH) // _MICROSECOND))
    return token("d", name, str(value.toordinal())) if isinstance(value, date) else None


def is_exact(value: float) -> bool:
    """Whether a number is one that a column of floats tells from all others."""
    return -LARGEST <= value <= LARGEST


def _spelled(value: float) -> str:
    if isinstance(value, int):
        return hex(value)
    return hex(int(value)) if value.is_integer() else repr(value)


def _short(text: str) -> str:
    if len(text) <= _LONGEST and text.isascii() and "\x00" not in text:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    return f"{text[:1]}#{digest.hexdigest()}"


def _put(name: str, value: Any, tokens: dict[str, None], columns: dict[str, Any]) -> None:
    if name not in ALWAYS:
        tokens[token("k", name)] = None
    is_list = isinstance(value, list | tuple)
    for item in value if is_list else (value,):
        found = value_token(name, item)
        if found is None:
            continue
        tokens[found] = None
        if isinstance(item, bool) or not isinstance(item, int | float):
            continue
        if is_list or not is_exact(item):
            tokens[token("l", name)] = None
        else:
            tokens[token("n", name)] = None
            columns[column(name)] = float(item)


def _entries(extra: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every key and dotted path by which a filter can find something, and what it finds."""
    nested: dict[str, None] = {}
    waiting = [("", extra)]
    while waiting:
        above, values = waiting.pop()
        for key, value in values.items():
            name = f"{above}{key}" if above else key
            # Longer keys cannot be asked for, which bounds the depth too.
            if not name or len(name) > MAX_KEY:
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
