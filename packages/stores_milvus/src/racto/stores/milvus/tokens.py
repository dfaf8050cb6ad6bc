"""Words that stand for what a filter may ask: "this key is there", "this key has this value".

Milvus compares metadata by rules of its own: for lists, None, booleans beside numbers, and keys
that are absent. A chunk therefore carries words of 16 hexadecimal digits, each a hash of a key and
a value of it, and a filter asks for words. Nothing that a user wrote ever stands in an expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from racto.core.documents import METADATA_FIELDS, Chunk
from racto.core.filters import ABSENT, lookup_of

MOST = 3_500
"""So many words fit into a string of Milvus."""

OVERFLOW = "0" * 16
"""Stands for all words of a chunk that has more than :data:`MOST`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NUMBERS = ("page", "chunk_index")
"""The metadata fields that are columns of their own, for comparisons."""

PLACES = ("total_chunks", "start_char", "end_char")
"""Those that are seldom asked for, and compared on candidates: each column costs its time."""


NAMED = ("source", "doc_id", "section")
"""The metadata fields that are compared by words: in a column of their own, so that a filter on
other facts does not look through them, nor one on these through the others."""


def column_of(key: str) -> str:
    """The column that holds the words of a key."""
    return "place" if key in METADATA_FIELDS else "tokens"


def place_of(chunk: Chunk) -> list[str]:
    """The words of a chunk's metadata fields; of the numbers only whether there is a page."""
    return sorted(_words(chunk, (*NAMED, "page")))


def tokens_of(chunk: Chunk) -> list[str]:
    """The words of a chunk's other facts, or :data:`OVERFLOW` alone when there are too many."""
    extra = chunk.metadata.extra
    found = _words(chunk, set(_paths(extra, "")).difference(METADATA_FIELDS)) if extra else ()
    return [OVERFLOW] if len(found) > MOST else sorted(found)


def _words(chunk: Chunk, keys: Iterable[str]) -> set[str]:
    lookup = lookup_of(chunk)
    found: set[str] = set()
    for key in keys:
        # The evaluator decides which of several readings of a dotted key counts.
        value = lookup(key)
        if value is ABSENT:
            continue
        found.add(existence(key))
        if key not in NUMBERS:
            found.update(token(key, text) for text in _texts(value))
        if len(found) > MOST:
            break
    return found


def existence(key: str) -> str:
    """The word of "this key is there"."""
    return _word(f"?{key}")


def equality(key: str, value: Any) -> str | None:
    """The word of "this key has this value"; None for values that equal nothing.

    Args:
        key: A key as a filter names it.
        value: A scalar, or a list of them.
    """
    text = _text(value)
    return None if text is None else token(key, text)


def token(key: str, text: str) -> str:
    """The word of a key and the canonical text of a value."""
    # The length keeps "a" + "b=c" apart from "a=b" + "c".
    return _word(f"{len(key)}={key}{text}")


@lru_cache(maxsize=16_384)
def _word(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _paths(values: Mapping[Any, Any], above: str) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(key, str):
            path = above + key
            yield path
            if isinstance(value, Mapping):
                yield from _paths(value, f"{path}.")


def _texts(value: Any) -> Iterator[str]:
    found = _text(value)
    if found is not None:
        yield found
    if isinstance(value, list | tuple):
        # A list satisfies what one of its items does; an item may be a list asked for as a whole.
        for item in value:
            found = _text(item)
            if found is not None:
                yield found


def _text(value: Any) -> str | None:
    """The same text for two values exactly if the evaluator finds them equal."""
    if value is None:
        return "n"
    if isinstance(value, bool):
        return f"b{value:d}"
    if isinstance(value, int):
        return f"i{int(value)}"
    if isinstance(value, float):
        return _float(float(value))
    if isinstance(value, str):
        return f"s{str.__str__(value)}"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return f"m{value.isoformat()}"
        # Counted from one moment, because converting the first and last days would overflow.
        since = value - _EPOCH
        return f"t{since.days},{since.seconds},{since.microseconds}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    if isinstance(value, list | tuple):
        texts = [_text(item) for item in value]
        if any(text is None for text in texts):
            return None
        return "l" + "".join(f"{len(text or '')}:{text}" for text in texts)
    return None


def _float(value: float) -> str | None:
    if value != value:
        return None
    # 1 and 1.0 are equal, and so are their texts.
    return f"i{int(value)}" if value.is_integer() else f"f{value!r}"
