"""Ids for tool calls that came from a format without any, the same in every run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import count
from typing import Any

from .messages import RactoTrainingMessage


def with_call_ids(messages: Iterable[RactoTrainingMessage]) -> list[RactoTrainingMessage]:
    """The messages with an id for every tool call and the result that answers it.

    Results without an id answer the calls without one in their order, of the same tool where it
    is named. Ids that are there stay.
    """
    turns = list(messages)
    # Nearly every conversation needs nothing done.
    if all(part.id for turn in turns for part in turn.tool_calls) and all(
        part.tool_call_id for turn in turns for part in turn.tool_results
    ):
        return turns
    return _Numbering(turns).apply()


class _Numbering:
    def __init__(self, turns: list[RactoTrainingMessage]) -> None:
        self._turns = turns
        self._taken = {call.id for turn in turns for call in turn.tool_calls}
        self._numbers = count(1)
        self._open: deque[tuple[str, str]] = deque()

    def apply(self) -> list[RactoTrainingMessage]:
        return [self._turn(turn) for turn in self._turns]

    def _turn(self, turn: RactoTrainingMessage) -> RactoTrainingMessage:
        if isinstance(turn.body, str):
            return turn
        parts = [self._part(part) for part in turn.body]
        return RactoTrainingMessage(
            turn.role, parts, name=turn.name, weight=turn.weight, extra=turn.extra
        )

    def _part(self, part: Any) -> Any:
        if part.type == "tool_call" and not part.id:
            id = self._next()
            # Results come in the order of their calls, as a rule.
            self._open.append((part.name, id))
            return part.model_copy(update={"id": id})
        if part.type == "tool_result" and not part.tool_call_id:
            return part.model_copy(update={"tool_call_id": self._answered(part.name)})
        return part

    def _next(self) -> str:
        # Ids of the conversation's own may look like ours.
        while (id := f"call_{next(self._numbers)}") in self._taken:
            continue
        self._taken.add(id)
        return id

    def _answered(self, name: str) -> str:
        for waiting in self._open:
            if not name or waiting[0] == name:
                self._open.remove(waiting)
                return waiting[1]
        return self._next()
