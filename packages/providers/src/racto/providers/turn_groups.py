"""Turns of a history that belong together: a tool's answers with its call, thinking with its turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from racto.core.content import ProviderPart, ReasoningPart, ToolCallPart, ToolResultPart
from racto.core.messages import Message, MessageRole


class TurnGroups:
    """A history in groups that providers refuse to see torn apart.

    A group holds a call and all its answers, whoever speaks in between and whichever role the
    answers stand in (Anthropic's and Gemini's histories have them in the user's turns), and
    thinking without words with the turn behind it.

    Args:
        history: The turns, oldest first.
    """

    def __init__(self, history: Sequence[Message]) -> None:
        self._history = history
        # Where stretches of joined turns begin and end, to be summed up: they overlap, and
        # marking the turns of each would take the square of the history's length.
        edges = [0] * (len(history) + 2)
        calls: dict[str, int] = {}
        for at, turn in enumerate(history):
            for first in self._joined_to(at, turn, calls):
                edges[max(first, 0) + 1] += 1
                edges[at + 1] -= 1
        # Whether a turn begins a group; the end of the history counts as one.
        self._starts = [not inside for inside in accumulate(edges[:-1])]

    def start_after(self, at: int) -> int:
        """The first start of a group from ``at`` on; the length when there is none."""
        return self._starts.index(True, min(at, len(self._history)))

    def start_before(self, at: int) -> int:
        """Where the group of the turn at ``at`` starts."""
        while not self._starts[at]:
            at -= 1
        return at

    def between(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The groups between two starts, each from its start to its end."""
        while start < stop:
            end = self.start_after(start + 1)
            yield start, end
            start = end

    def with_its_question(self, start: int, last: int) -> int:
        """Where the history goes on behind a gap: not at an answer whose question is gone.

        It would seem to answer the turn before the gap, and some providers refuse it there.

        Args:
            start: The first turn behind the gap, if it may be.
            last: The first turn that has to stay.
        """
        while start < last and _is_answer(self._history[start]):
            start = self.start_after(start + 1)
        return start

    def _joined_to(self, at: int, turn: Message, calls: dict[str, int]) -> Iterator[int]:
        """The turns that a turn cannot be without, all before it; notes its calls."""
        if turn.role is MessageRole.TOOL or (
            at and turn.role is MessageRole.ASSISTANT and _only_thinks(self._history[at - 1])
        ):
            yield at - 1
        if isinstance(turn.content, str):
            return
        for part in turn.content:
            if isinstance(part, ToolCallPart):
                calls[part.id] = at
            elif isinstance(part, ToolResultPart):
                # Servers without ids of their own use one again and again: it is spent. An
                # answer to no call belongs to what it stands behind.
                yield calls.pop(part.tool_call_id, at - 1)


def _only_thinks(message: Message) -> bool:
    parts = () if isinstance(message.content, str) else message.content
    return bool(parts) and all(isinstance(part, (ReasoningPart, ProviderPart)) for part in parts)


def _is_answer(message: Message) -> bool:
    return message.role is MessageRole.ASSISTANT and not message.tool_calls
