"""Results small enough for a result back end: without vectors, raw replies, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from racto.core.errors import JobError
from racto.core.responses import LLMResponse

T = TypeVar("T")

_EXPENDABLE = ("logprobs", "parts", "thinking")
_MARKS = {"__type__", "__value__"}
_PLAIN = "__plain__"


def trimmed_response(response: LLMResponse, limit: int) -> dict[str, Any]:
    """A reply as JSON data.

    When it is too large, ``logprobs``, ``parts`` (which repeat the reply for the next turn's
    history) and ``thinking`` are left out, in this order, as far as needed; ``trimmed`` then names
    them. The reply itself is never cut.

    Args:
        response: The reply.
        limit: Most bytes of JSON.

    Raises:
        JobError: If it is too large without them.
    """
    text = response.model_dump_json().encode()
    left_out: list[str] = []
    for name in _EXPENDABLE:
        if len(text) <= limit:
            break
        left_out.append(name)
        text = response.model_dump_json(exclude=set(left_out)).encode()
    if len(text) > limit:
        raise JobError(
            f"the reply has {len(text)} bytes of JSON, the limit is {limit}; lower max_tokens or "
            "raise TaskLimits.result_bytes"
        )
    data: dict[str, Any] = from_json(text)
    if left_out:
        data["trimmed"] = left_out
    return _harmless(data) if b'"__type__"' in text else data


def trimmed_chunks(chunks: Iterable[Any], limit: int) -> list[dict[str, Any]]:
    """Chunks as JSON data, without their vectors.

    When they are too large together, their texts are left out, then all but their ids, then the
    last of the ids; an entry at the end then says what is missing: ``{"trimmed": "content"}``,
    and with ``"omitted"`` how many chunks are not listed.

    Args:
        chunks: What ``ingest`` returned.
        limit: Most bytes of JSON.
    """
    whole = [_chunk_data(chunk) for chunk in chunks]
    if _size(whole) <= limit:
        return _harmless(_plain(whole))
    bare = [{key: value for key, value in data.items() if key != "content"} for data in whole]
    if _size(bare) <= limit - _ENTRY:
        return _harmless([*_plain(bare), {"trimmed": "content"}])
    ids = [{"chunk_id": str(data.get("chunk_id", ""))} for data in whole]
    room, kept = limit - _ENTRY, 0
    for entry in ids:
        room -= len(to_json(entry)) + 1
        if room < 0:
            break
        kept += 1
    end: dict[str, Any] = {"trimmed": "all but chunk_id"}
    if kept < len(ids):
        end["omitted"] = len(ids) - kept
    return [*ids[:kept], end]


def bounded(data: Any, limit: int) -> Any:
    """A job's result as JSON data.

    Args:
        data: What the job returned.
        limit: Most bytes of JSON.

    Raises:
        JobError: If it is too large, or no JSON data.
    """
    try:
        text = to_json(data)
    except PydanticSerializationError as error:
        raise JobError(f"the job's result is no JSON data: {error}") from error
    if len(text) > limit:
        raise JobError(
            f"the job's result has {len(text)} bytes of JSON, the limit is {limit}; return where "
            "it lies, or raise TaskLimits.result_bytes"
        )
    return _harmless(from_json(text))


def restored(data: T) -> T:
    """The data as it was before :func:`trimmed_response` made it harmless for kombu."""
    if isinstance(data, list):
        return cast("T", [restored(item) for item in data])
    if not isinstance(data, dict):
        return data
    found = {key: restored(value) for key, value in data.items()}
    if found.keys() >= _MARKS and isinstance(found.get(_PLAIN), list):
        was = found.pop(_PLAIN)
        found.update({_PLAIN: was[0]} if was else {})
    return cast("T", found)


class Veiled:
    """JSON data that monitors and logs see the shape of, and kombu's JSON writer the whole.

    Args:
        data: JSON data.
    """

    def __init__(self, data: Any) -> None:
        self.data = data

    def __json__(self) -> Any:
        return self.data

    def __repr__(self) -> str:
        if isinstance(self.data, list):
            return f"{len(self.data)} chunks"
        if not isinstance(self.data, dict):
            return type(self.data).__name__
        usage = self.data.get("usage") or {}
        words = len(self.data.get("content") or "")
        tokens = usage.get("output_tokens")
        return f"{self.data.get('finish_reason')}: {words} characters, {tokens} tokens"


_ENTRY = 100
"""Bytes that are kept free for the entry at the end."""


def _chunk_data(chunk: Any) -> dict[str, Any]:
    to_dict = getattr(chunk, "to_dict", None)
    data = to_dict() if callable(to_dict) else chunk
    if not isinstance(data, dict):
        raise JobError(f"ingest returned a {type(chunk).__name__} where a chunk belongs")
    return {key: value for key, value in data.items() if key != "embedding"}


def _size(data: Any) -> int:
    return len(to_json(data, fallback=str))


def _plain(data: T) -> T:
    # Dates and the like in metadata become text here, as kombu would make marked objects of them.
    return cast("T", from_json(to_json(data, fallback=str)))


def _harmless(data: T) -> T:
    """The same data, in which kombu's JSON reader sees no objects to build.

    It takes any mapping of just ``__type__`` and ``__value__`` for an object of its own, and a
    model can write one.
    """
    if isinstance(data, list):
        return cast("T", [_harmless(item) for item in data])
    if not isinstance(data, dict):
        return data
    safe = {key: _harmless(value) for key, value in data.items()}
    if safe.keys() >= _MARKS:
        # A third key is enough to be left alone; it holds what stood there before.
        safe[_PLAIN] = [safe[_PLAIN]] if _PLAIN in safe else []
    return cast("T", safe)
