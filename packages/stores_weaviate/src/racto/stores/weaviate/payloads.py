"""A chunk as JSON text from which exactly the same chunk comes back.

Metadata may hold whatever JSON can, at any size, and dates, times and tuples.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from racto.core.documents import Chunk, make_chunk
from racto.core.errors import IndexCorruptError, StoreError
from racto.core.vectors import Vector

_DEEPEST = 100


def packed(chunk: Chunk) -> str:
    """The text of a chunk, without its vector.

    Raises:
        StoreError: If its metadata holds what JSON and dates cannot express.
    """
    data = chunk.to_dict()
    where = f"chunk {chunk.chunk_id!r}"
    data["metadata"]["extra"] = _plain(data["metadata"]["extra"], where, 0)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair travels only as an escape.
        return json.dumps(data, separators=(",", ":"))
    return text


def unpacked(text: str, embedding: Vector | None) -> Chunk:
    """The chunk of a text.

    Args:
        text: What :func:`packed` gave.
        embedding: Its vector.

    Raises:
        IndexCorruptError: If it is no such text.
    """
    try:
        data = json.loads(text)
        facts = data["metadata"]
        facts["extra"] = _lively(facts["extra"])
        if facts["doc_id"] != data["doc_id"]:
            return Chunk.from_dict(data, embedding)
        # The usual case, and a search makes many of them.
        return make_chunk(
            data["content"], data["chunk_id"], data["doc_id"], embedding, facts["source"],
            facts["page"], facts["chunk_index"], facts["total_chunks"], facts["start_char"],
            facts["end_char"], facts["extra"], facts["section"],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexCorruptError(
            f"a record is no chunk that racto wrote ({type(error).__name__}: {error}); add the "
            f"document again"
        ) from error


def _plain(value: Any, where: str, depth: int) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if depth > _DEEPEST:
        raise StoreError(f"metadata of {where} is nested deeper than {_DEEPEST} levels")
    if isinstance(value, list):
        return [_plain(item, where, depth + 1) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [_plain(item, where, depth + 1) for item in value]}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {_escaped(key): _plain(item, where, depth + 1) for key, item in value.items()}
    raise StoreError(
        f"metadata of {where} holds a {type(value).__name__}, which cannot be stored; use "
        f"strings, numbers, booleans, None, dates, and lists and mappings of them"
    )


def _escaped(key: str) -> str:
    return f"${key}" if key.startswith("$") else key


def _lively(value: Any) -> Any:
    if isinstance(value, list):
        return [_lively(item) for item in value]
    if not isinstance(value, dict):
        return value
    for mark, revive in _MARKS.items():
        if mark in value:
            return revive(value[mark])
    return {key.removeprefix("$"): _lively(item) for key, item in value.items()}


# A key of the user's own that begins with a dollar has two of them, and is never one of these.
_MARKS: dict[str, Any] = {
    "$tuple": lambda items: tuple(_lively(item) for item in items),
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
}
