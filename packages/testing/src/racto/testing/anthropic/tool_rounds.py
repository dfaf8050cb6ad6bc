"""Rules on calls and results: each call is answered, at once, once, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .reading import Objection
from .requests import Message

_NO_RESULT = (
    "messages.{turn}: `tool_use` ids were found without `tool_result` blocks immediately after: "
    "{ids}. Each `tool_use` block must have a corresponding `tool_result` block in the next "
    "message."
)
_NO_CALL = (
    "messages.{turn}.content.{block}: unexpected `tool_use_id` found in `tool_result` blocks: "
    "{id}. Each `tool_result` block must have a corresponding `tool_use` block in the previous "
    "message."
)
_TWICE = (
    "messages.{turn}.content.{block}: each tool_use must have a single result. Found multiple "
    "`tool_result` blocks with id: {id}"
)


def objections(messages: Sequence[Message]) -> Iterator[Objection]:
    """Tell what is wrong with the tool rounds of a conversation."""
    yield from _calls_twice(messages)
    # Unlike other turns, results are not put together from two messages in a row: split results
    # teach the model not to call tools in parallel, and the API refuses them.
    asked: list[str] = []
    for turn, message in enumerate(messages):
        leading = _leading_results(message)
        if missing := [id for id in asked if id not in leading]:
            yield _NO_RESULT.format(turn=turn - 1, ids=", ".join(missing))
        yield from _strays(turn, message, asked)
        asked = [block.id for block in message.content if block.type == "tool_use"]
    if asked:
        yield _NO_RESULT.format(turn=len(messages) - 1, ids=", ".join(asked))


def _leading_results(message: Message) -> list[str]:
    # Words before a result hide it from the API.
    ids = []
    for block in message.content:
        if block.type != "tool_result":
            break
        ids.append(block.tool_use_id)
    return ids


def _strays(turn: int, message: Message, asked: Sequence[str]) -> Iterator[Objection]:
    seen = set[str]()
    for number, block in enumerate(message.content):
        if block.type == "tool_result":
            id = block.tool_use_id
            if id not in asked:
                yield _NO_CALL.format(turn=turn, block=number, id=id)
            if id in seen:
                yield _TWICE.format(turn=turn, block=number, id=id)
            seen.add(id)


def _calls_twice(messages: Sequence[Message]) -> Iterator[Objection]:
    # Ids of all turns share one space: a repeated one would answer an old call.
    uses = Counter[str]()
    for turn, message in enumerate(messages):
        for number, block in enumerate(message.content):
            if block.type == "tool_use":
                uses[block.id] += 1
                if uses[block.id] > 1:
                    yield f"messages.{turn}.content.{number}: `tool_use` ids must be unique"
