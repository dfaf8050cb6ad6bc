"""Replies as caches keep them: as a snapshot in memory, or as bytes that say what they are."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from racto.core.errors import InvalidResponseError
from racto.core.responses import LLMResponse

from .copies import DEEPEST, own, weight

COMPRESS_ABOVE = 4096
"""Bytes of JSON from which on a reply is compressed."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of JSON that a reply may have, so that a few bytes cannot grow to fill the memory."""

_HEADER = struct.Struct(">4sBBI")
_MAGIC = b"rcto"
_VERSION = 1
_PLAIN, _COMPRESSED = 0, 1

# All others hold text, numbers, or models that are frozen through and through.
_DEEP = ("parsed", "tool_calls", "parts")

# Shared by all copies: what is set later on one of them is in it already.
_ALL_FIELDS = set(LLMResponse.model_fields)

_new = LLMResponse.__new__
_set = object.__setattr__


class Snapshot:
    """A reply that nobody can change, and that gives out copies of itself; made by ``snapshot``.

    Args:
        response: The reply; its ``raw`` is left out.

    Raises:
        InvalidResponseError: If the reply holds objects that cannot be copied.
    """

    __slots__ = ("_changing", "_fields", "_kind", "_values")

    def __init__(self, response: LLMResponse) -> None:
        kind = self._kind = type(response)
        is_plain = kind is LLMResponse
        self._fields = _ALL_FIELDS if is_plain else set(kind.model_fields)
        values = self._values = response.__dict__.copy()
        values["raw"] = None
        changing: list[str] = []
        for name in _DEEP if is_plain else tuple(values):
            value = values[name]
            mine = values[name] = own(value)
            if mine is not value:
                changing.append(name)
        self._changing = tuple(changing)

    def response(self, *, cached: bool = False) -> LLMResponse:
        """A copy that the caller may change.

        Args:
            cached: Its attribute of that name.
        """
        values = self._values.copy()
        values["cached"] = cached
        for name in self._changing:
            value = values[name]
            # Mostly there are no tool calls.
            values[name] = own(value) if value else type(value)()
        # As model_construct does it, without asking each field for its default: six times faster.
        twin = _new(self._kind)
        _set(twin, "__dict__", values)
        _set(twin, "__pydantic_fields_set__", self._fields)
        _set(twin, "__pydantic_extra__", None)
        _set(twin, "__pydantic_private__", None)
        return twin

    @property
    def size(self) -> int:
        """Bytes of memory that it takes, as far as can be told."""
        return weight(self._values)


def snapshot(response: LLMResponse) -> Snapshot:
    """Keep a reply as it is now, without its ``raw``.

    Args:
        response: The reply.

    Raises:
        InvalidResponseError: If the reply holds objects that cannot be copied.
    """
    return Snapshot(response)


def packed(response: LLMResponse, *, compress_above: int = COMPRESS_ABOVE) -> bytes:
    """A reply as bytes, without its ``raw``: a header with version and checksum, then JSON.

    Args:
        response: The reply.
        compress_above: Bytes of JSON from which on it is compressed.

    Raises:
        InvalidResponseError: If JSON cannot give back what the reply holds, or it is longer than
            :data:`MOST_BYTES`.
    """
    for name in _DEEP:
        _check(getattr(response, name), name)
    try:
        data = response.model_dump_json().encode()
    except (PydanticSerializationError, UnicodeError) as error:
        raise InvalidResponseError(f"the reply cannot be written as JSON: {error}") from error
    if len(data) > MOST_BYTES:
        raise InvalidResponseError(f"a reply of {len(data)} bytes; the most is {MOST_BYTES}")
    form = _PLAIN
    if len(data) > compress_above:
        form, data = _COMPRESSED, zlib.compress(data, 1)
    return _HEADER.pack(_MAGIC, _VERSION, form, zlib.crc32(data)) + data


def unpacked(data: bytes, *, most_bytes: int = MOST_BYTES) -> LLMResponse:
    """The reply in bytes that :func:`packed` made.

    Args:
        data: The bytes; they may come from anybody.
        most_bytes: Bytes of JSON that are read.

    Raises:
        InvalidResponseError: If the bytes are damaged, foreign, of another version or too long.
            To a cache that is a miss.
    """
    if len(data) < _HEADER.size:
        raise InvalidResponseError(f"{len(data)} bytes are no reply of racto's")
    magic, version, form, checksum = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != _VERSION or form not in (_PLAIN, _COMPRESSED):
        raise InvalidResponseError("the bytes are no reply of racto's, or of another version")
    body = memoryview(data)[_HEADER.size :]
    if zlib.crc32(body) != checksum:
        raise InvalidResponseError("the bytes of the reply are damaged")
    text = _inflated(body, most_bytes) if form == _COMPRESSED else bytes(body)
    if len(text) > most_bytes:
        raise InvalidResponseError(f"the reply is longer than {most_bytes} bytes")
    try:
        return LLMResponse.model_validate_json(text)
    except ValidationError as error:
        # Its own message would quote the reply.
        kinds = sorted({each["type"] for each in error.errors(include_input=False)})
        raise InvalidResponseError(f"the JSON is no reply: {', '.join(kinds)}") from None


def _inflated(body: memoryview, most_bytes: int) -> bytes:
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(body, most_bytes + 1)
    except zlib.error as error:
        raise InvalidResponseError(f"the reply cannot be decompressed: {error}") from error
    if not reader.eof and len(text) <= most_bytes:
        raise InvalidResponseError("the compressed reply ends too early")
    return text


def _check(value: Any, place: str, depth: int = 0) -> None:
    """See that JSON gives back the same value, where pydantic would change it in silence."""
    if value is None or isinstance(value, str | bool | int):
        return
    if depth > DEEPEST:
        raise InvalidResponseError(f"{place} is nested deeper than {DEEPEST} levels")
    if isinstance(value, BaseModel):
        _check_fields(value, place, depth)
    elif isinstance(value, list) or (isinstance(value, tuple) and depth == 0):
        for each in value:
            _check(each, place, depth + 1)
    elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
        for each in value.values():
            _check(each, place, depth + 1)
    elif not (isinstance(value, float) and math.isfinite(value)):
        kind = type(value).__qualname__
        raise InvalidResponseError(f"{place} holds a {kind} that JSON cannot give back")


def _check_fields(value: BaseModel, place: str, depth: int) -> None:
    # A model's own tuples and bytes have types, by which they come back.
    for name, each in value.__dict__.items():
        if isinstance(each, tuple):
            for one in each:
                _check(one, f"{place}.{name}", depth + 1)
        elif not isinstance(each, bytes):
            _check(each, f"{place}.{name}", depth + 1)
