"""The answers to the tool calls of one turn, as the model is shown them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.content import LinkPart, TextPart, ToolCallResult, ToolResultPart
from racto.core.messages import Message


class Answers:
    """Collects the answers of a turn; they stand in the calls' order, whatever order they come in.

    Args:
        calls: The calls of the turn.
    """

    def __init__(self, calls: Sequence[ToolCallResult]) -> None:
        self._calls = calls
        self._given: dict[int, ToolResultPart] = {}

    def give(self, position: int, answer: ToolResultPart) -> None:
        """Answer the call at a position."""
        self._given[position] = answer

    def message(self, why_not: str) -> Message:
        """The turn that answers every call.

        Args:
            why_not: What is said about the calls that nobody answered.
        """
        return Message.tool(
            self._given.get(position) or failed(call, f"Tool {call.name!r} was not run: {why_not}.")
            for position, call in enumerate(self._calls)
        )


def failed(call: ToolCallResult, words: str) -> ToolResultPart:
    """The answer to a call that brought nothing, marked as an error."""
    return ToolResultPart(tool_call_id=call.id, name=call.name, content=words, is_error=True)


def refused(call: ToolCallResult, reason: str) -> ToolResultPart:
    """The answer to a call that was not approved."""
    because = f" The reason: {reason}" if reason else ""
    return failed(call, f"Tool {call.name!r} was not run, because it was not approved.{because}")


def shortened(answer: ToolResultPart, most: int | None) -> ToolResultPart:
    """The answer with at most so many characters of text, and a note on what is missing.

    Pictures and other media are kept, and so is ``structured``, which no model is shown.

    Args:
        answer: What the tool answered.
        most: Most characters; None for any number.
    """
    if most is None or (isinstance(answer.content, str) and len(answer.content) <= most):
        return answer
    size = len(answer.text)
    if size <= most:
        return answer
    note = f"\n[The answer has {size:,} characters; the last {size - most:,} are left out here.]"
    if isinstance(answer.content, str):
        return answer.model_copy(update={"content": answer.content[:most] + note})
    # The order stays: a text may speak of the picture before it.
    kept: list[Any] = []
    left = most
    for part in answer.content:
        if not isinstance(part, (TextPart, LinkPart)):
            kept.append(part)
        elif left > 0:
            # Half a link leads nowhere, but half a text may do.
            kept.append(part if len(part.text) <= left else TextPart(text=part.text[:left]))
            left -= len(part.text)
    return answer.model_copy(update={"content": (*kept, TextPart(text=note))})


def noted(answer: ToolResultPart, arguments: Mapping[str, Any]) -> ToolResultPart:
    """The answer with a note that the tool was run with other arguments than the model's."""
    changed = json.dumps(arguments, ensure_ascii=False, default=str)
    note = f"\n[The user changed the arguments of this call to {changed}]"
    if isinstance(answer.content, str):
        return answer.model_copy(update={"content": answer.content + note})
    return answer.model_copy(update={"content": (*answer.content, TextPart(text=note))})
