"""A chunk as one line of JSON from which exactly the same chunk comes back, for stores.

What JSON lacks in metadata (tuples, dates) is marked by a key that begins with ``$``; a key of the
user's own that begins so gets a second one. Reading parses JSON and nothing else, so a record
from a stranger can be wrong but not run anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pydantic_core import from_json, to_json

from .documents import Chunk, make_chunk
from .errors import IndexCorruptError, StoreError
from .vectors import Vector

DEEPEST = 100
"""Most levels of lists and mappings in metadata."""

_VERSION = 1
_FIELDS = 13
_EXACT = frozenset({str, int, float, bool, type(None)})
# Beyond UTF-8, and as JSON without anything but ASCII: for lone surrogates.
_escaping = json.JSONEncoder(separators=(",", ":")).encode


def packed(chunk: Chunk, *, with_content: bool = True) -> str:
    """The record of a chunk: everything but its vector.

    Args:
        chunk: The chunk; its metadata may hold strings, numbers, booleans, None, dates, times,
            and lists, tuples and mappings of them.
        with_content: Whether its text is in the record; without, the store keeps it beside.

    Returns:
        JSON that can always be encoded as UTF-8.

    Raises:
        StoreError: If metadata holds what cannot be kept; the message names the place.
    """
    facts = chunk.metadata
    extra = facts.extra
    if not _is_exact(extra, DEEPEST):
        extra = plain(extra, f"the metadata of chunk {chunk.chunk_id!r}")
    fields = [
        _VERSION, chunk.chunk_id, chunk.doc_id, facts.source, facts.page, facts.chunk_index,
        facts.total_chunks, facts.start_char, facts.end_char, facts.doc_id, facts.section,
        chunk.content if with_content else None,
    ]  # fmt: skip
    if not _EXACT.issuperset(map(type, fields)):
        fields = [_scalar(field, f"chunk {chunk.chunk_id!r}") for field in fields]
    fields.append(extra)
    return dumped(fields)


def unpacked(record: str, embedding: Vector | None, content: str | None = None) -> Chunk:
    """The chunk of a record.

    Args:
        record: What :func:`packed` gave.
        embedding: Its vector.
        content: Its text, for a record that was packed without.

    Raises:
        IndexCorruptError: If :func:`packed` did not make the record.
    """
    fields = loaded(record)
    if not (isinstance(fields, list) and len(fields) == _FIELDS and fields[0] == _VERSION):
        raise IndexCorruptError(
            f"a record is none that racto wrote, or has another version than {_VERSION}, which "
            f"this release reads; add the document again"
        )
    (
        _, chunk_id, doc_id, source, page, index, total, start, end, of_facts, section, text,
        extra,
    ) = fields  # fmt: skip
    text = content if text is None else text
    if type(text) is not str or type(chunk_id) is not str or type(extra) is not dict:
        raise IndexCorruptError("a record lacks its text, id or metadata; add the document again")
    chunk = make_chunk(
        text, chunk_id, doc_id, embedding, source, page, index, total, start, end,
        revived(extra) if extra else extra, section,
    )  # fmt: skip
    # A chunk and its metadata nearly always name the same document, which make_chunk relies on.
    if of_facts == doc_id:
        return chunk
    return replace(chunk, metadata=replace(chunk.metadata, doc_id=of_facts))


def dumped(value: Any) -> str:
    """Plain data as one line of JSON that can always be encoded as UTF-8.

    Args:
        value: What :func:`plain` returns, or lists of it.
    """
    try:
        return to_json(value, inf_nan_mode="constants").decode()
    except ValueError:
        # Half of a surrogate pair travels only as an escape.
        return _escaping(value)


def loaded(text: str) -> Any:
    """The opposite of :func:`dumped`.

    Raises:
        IndexCorruptError: If it is no JSON.
    """
    try:
        return from_json(text)
    except (TypeError, ValueError):
        try:
            return json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise IndexCorruptError(
                f"a record is damaged ({error}); add the document again"
            ) from error


def plain(value: Any, where: str) -> Any:
    """Metadata as JSON can hold it.

    Args:
        value: Strings, numbers (of numpy too), booleans, None, dates, times, and lists, tuples
            and mappings of them, at most :data:`DEEPEST` levels deep.
        where: Whose metadata it is, for the message.

    Raises:
        StoreError: If it holds something else; the message names the place.
    """
    return _plain(value, where, "", 0)


def revived(value: Any) -> Any:
    """The opposite of :func:`plain`.

    Raises:
        IndexCorruptError: If a marked date is none.
    """
    try:
        return _revived(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise IndexCorruptError(
            f"a record's metadata is damaged ({error}); add the document again"
        ) from error


def _is_exact(value: Any, levels: int) -> bool:
    """Whether JSON gives a value back as it is: the usual case, found without making anything."""
    kind = type(value)
    if kind in _EXACT:
        return True
    if levels == 0:
        return False
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or key[:1] == "$":
                return False
            if type(item) not in _EXACT and not _is_exact(item, levels - 1):
                return False
        return True
    return kind is list and all(_is_exact(item, levels - 1) for item in value)


def _plain(value: Any, where: str, path: str, depth: int) -> Any:
    if type(value) in _EXACT:
        return value
    if depth >= DEEPEST:
        raise StoreError(f"{where} is nested deeper than {DEEPEST} levels")
    if isinstance(value, Mapping):
        return _plain_mapping(value, where, path, depth)
    if isinstance(value, list | tuple):
        items = [_plain(item, where, f"{path}[{at}]", depth + 1) for at, item in enumerate(value)]
        return {"$tuple": items} if isinstance(value, tuple) else items
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    # Members of an enumeration and the like come back as what they stand for.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    # Numbers of numpy, which readers of tables leave in metadata.
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _plain(value.tolist(), where, path, depth + 1)
    raise StoreError(
        f"{where} holds a {type(value).__name__}{_at(path)}, which cannot be stored; use "
        f"strings, numbers, booleans, None, dates, and lists and mappings of them"
    )


def _at(path: str) -> str:
    return f" at {path}" if path else ""


def _scalar(value: Any, where: str) -> Any:
    found = _plain(value, where, "", 0)
    if type(found) not in _EXACT:
        raise StoreError(
            f"{where} holds a {type(value).__name__} where a string, a number or None belongs"
        )
    return found


def _plain_mapping(value: Mapping[Any, Any], where: str, path: str, depth: int) -> dict[str, Any]:
    found = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise StoreError(f"{where} has the key {key!r}{_at(path)}; keys must be strings")
        name = f"${key}" if key.startswith("$") else str(key)
        found[name] = _plain(item, where, f"{path}[{key!r}]", depth + 1)
    return found


def _revived(value: Any) -> Any:
    if isinstance(value, list):
        return [item if type(item) in _EXACT else _revived(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        revive = _MARKS.get(key)
        if revive is not None:
            return revive(inner)
    return {
        key[1:] if key[:1] == "$" else key: item if type(item) in _EXACT else _revived(item)
        for key, item in value.items()
    }


_MARKS: dict[str, Any] = {
    "$tuple": lambda items: tuple(_revived(item) for item in items),
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
}
