"""Messages as bytes that any version of racto either reads whole or refuses.

A record is a line and the message as JSON: ``1`` for the form, ``s`` for a summary, an id that no
other record has, and, where the message has tool calls or results, their ids as JSON::

    1 5f0c... {"c": ["call-1"]}
    {"role": "assistant", "content": [...]}

The reference's records, ``{"role": ..., "content": ...}`` without such a line, are read too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from os import urandom
from typing import NamedTuple

from racto.core.content import ToolResultPart
from racto.core.errors import InvalidResponseError
from racto.core.messages import Message

MOST_BYTES = 64 * 2**20
"""Bytes of the largest message that is kept."""

_HEAD = re.compile(rb"1(s?) [0-9a-f]+ ?([^\n]*)\n")


class Head(NamedTuple):
    """What a memory must know of a record without reading its message.

    Attributes:
        is_summary: Whether it stands for messages that were dropped.
        calls: Ids of the tool calls in it.
        results: Ids of the tool calls that it answers.
    """

    is_summary: bool = False
    calls: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


PLAIN = Head()
"""The head of a message without tools."""


def packed(messages: Sequence[Message], *, is_summary: bool = False) -> list[bytes]:
    """The records of messages.

    Raises:
        ValueError: If one cannot be written as JSON, or is larger than :data:`MOST_BYTES`.
    """
    batch = urandom(12).hex()
    mark = "s" if is_summary else ""
    found = []
    for place, message in enumerate(messages):
        try:
            body = message.model_dump_json(exclude_defaults=True).encode()
        except ValueError as error:
            raise ValueError(f"message {place} cannot be kept as JSON: {error}") from error
        if len(body) > MOST_BYTES:
            raise ValueError(
                f"message {place} has {len(body)} bytes as JSON; at most {MOST_BYTES} are kept"
            )
        found.append(f"1{mark} {batch}{place:x}{_ids(message)}\n".encode() + body)
    return found


def head_of(record: bytes) -> Head:
    """The head of a record; a plain one where it cannot be read."""
    found = _HEAD.match(record)
    if found is None:
        return PLAIN
    if not found[2]:
        return Head(is_summary=True) if found[1] else PLAIN
    try:
        told = json.loads(found[2])
        return Head(bool(found[1]), tuple(told.get("c", ())), tuple(told.get("r", ())))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return PLAIN


def all_unpacked(records: Sequence[bytes], *, conversation_id: str, store: str) -> list[Message]:
    """The messages in the records of a conversation.

    Args:
        records: All of them, oldest first.
        conversation_id: Whose they are, for the error.
        store: What keeps them, for the error.

    Raises:
        InvalidResponseError: If one is damaged, foreign, or of a later version of racto.
    """
    found = []
    for place, record in enumerate(records):
        head = _HEAD.match(record)
        try:
            found.append(Message.model_validate_json(record[head.end() :] if head else record))
        except ValueError as error:
            shown = conversation_id if len(conversation_id) <= 80 else f"{conversation_id[:80]}..."
            raise InvalidResponseError(
                f"record {place} of the conversation {shown!r} in {store} is damaged, foreign, or "
                "of a later version of racto; update racto, or clear() the conversation",
                provider=store,
            ) from error
    return found


def _ids(message: Message) -> str:
    if isinstance(message.content, str):
        return ""
    calls = [call.id for call in message.tool_calls]
    results = [part.tool_call_id for part in message.parts if isinstance(part, ToolResultPart)]
    told = {name: ids for name, ids in (("c", calls), ("r", results)) if ids}
    return f" {json.dumps(told)}" if told else ""
