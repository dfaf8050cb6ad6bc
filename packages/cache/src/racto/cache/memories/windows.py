"""Which messages of a conversation stay: the latest, and no tool's result without its call."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.content import ToolResultPart
from racto.core.messages import Message

from .records import Head, head_of
from .tokens import MessageCounter


def surviving(heads: Sequence[Head], most: int) -> list[int]:
    """The places of what stays of a conversation.

    Args:
        heads: The heads of all records, oldest first.
        most: How many messages may stay, a summary at the head not counted.

    Returns:
        Places in ascending order: of the summary, and of the latest messages but for results
        whose calls are gone.
    """
    first = 1 if heads and heads[0].is_summary else 0
    start = max(first, len(heads) - most)
    return [*range(first), *_answered(heads, start)]


def kept(records: Sequence[bytes], most: int) -> list[bytes]:
    """What stays of the records; see :func:`surviving`."""
    heads = [head_of(record) for record in records]
    return [records[place] for place in surviving(heads, most)]


def fitting(
    messages: Sequence[Message],
    most_tokens: int,
    counter: MessageCounter,
    *,
    has_summary: bool = False,
) -> list[Message]:
    """The latest messages that fit, and no tool's result without its call.

    Args:
        messages: A conversation, oldest first.
        most_tokens: Tokens of all together.
        counter: Counts those of one message.
        has_summary: Whether the first is a summary, which is put in before all others if it fits.

    Returns:
        The messages, oldest first; empty when not even the latest fits.
    """
    first = int(has_summary)
    left = most_tokens - sum(counter(message) for message in messages[:first])
    pinned = messages[:first] if left >= 0 else []
    left = left if left >= 0 else most_tokens
    start = len(messages)
    while start > first and (cost := counter(messages[start - 1])) <= left:
        left -= cost
        start -= 1
    heads = [Head(False, *_ids(message)) for message in messages]
    return [*pinned, *(messages[place] for place in _answered(heads, start))]


def _answered(heads: Sequence[Head], start: int) -> list[int]:
    called: set[str] = set()
    found = []
    for place in range(start, len(heads)):
        head = heads[place]
        if called.issuperset(head.results):
            found.append(place)
            called.update(head.calls)
    return found


def _ids(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    results = (part.tool_call_id for part in message.parts if isinstance(part, ToolResultPart))
    return tuple(call.id for call in message.tool_calls), tuple(results)
