"""A question and its reply as one value on Redis, which says what it is."""

from __future__ import annotations

import struct

from racto.cache.replies import packed, unpacked
from racto.core.errors import InvalidResponseError
from racto.core.responses import LLMResponse

_HEADER = struct.Struct(">4sI")
_MAGIC = b"rctq"


def question_record(query: str, response: LLMResponse) -> bytes:
    """A question and its reply as bytes.

    Args:
        query: The question.
        response: The reply; its ``raw`` is left out.

    Raises:
        InvalidResponseError: If the reply holds what JSON cannot give back.
    """
    text = query.encode("utf-8", "surrogatepass")
    return _HEADER.pack(_MAGIC, len(text)) + text + packed(response)


def read_question(data: bytes) -> tuple[str, LLMResponse]:
    """The question and the reply in bytes that :func:`question_record` made.

    Args:
        data: The bytes; they may come from anybody.

    Raises:
        InvalidResponseError: If they are damaged, foreign or of another version.
    """
    if len(data) < _HEADER.size:
        raise InvalidResponseError(f"{len(data)} bytes are no question of racto's")
    magic, length = _HEADER.unpack_from(data)
    end = _HEADER.size + length
    if magic != _MAGIC or end > len(data):
        raise InvalidResponseError("the bytes are no question of racto's, or damaged")
    try:
        query = data[_HEADER.size : end].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise InvalidResponseError("the question is damaged") from error
    return query, unpacked(data[end:])
