"""Ids for calls that have none: in order, by name, and never one that is taken."""

from __future__ import annotations

from racto.core.content import ToolCallPart
from racto.finetune import RactoTrainingMessage
from racto.finetune.call_ids import with_call_ids


def call(*pairs: tuple[str, str]) -> RactoTrainingMessage:
    return RactoTrainingMessage("assistant", [ToolCallPart(id=id, name=name) for id, name in pairs])


def ids(turns: list[RactoTrainingMessage]) -> list[list[str]]:
    return [
        [part.id for part in turn.tool_calls] + [part.tool_call_id for part in turn.tool_results]
        for turn in turns
    ]


def test_ids_that_are_there_stay() -> None:
    turns = [
        call(("a", "f")),
        RactoTrainingMessage.tool("a", "x"),
        RactoTrainingMessage("user", "q"),
    ]
    assert with_call_ids(turns) == turns


def test_in_order_and_by_name() -> None:
    answer = RactoTrainingMessage.tool
    turns = [
        call(("call_1", "f"), ("", "f"), ("", "g")),
        answer("", "of g", name="g"),
        answer("call_1", "of f"),
        answer("", "of the other f"),
        answer("", "of none"),
    ]
    assert ids(with_call_ids(turns)) == [
        ["call_1", "call_2", "call_3"], ["call_3"], ["call_1"], ["call_2"], ["call_4"],
    ]  # fmt: skip


def test_the_rest_of_a_turn_is_kept() -> None:
    turn = RactoTrainingMessage(
        "assistant", [ToolCallPart(name="f")], name="ann", weight=0, extra={"x": 1}
    )
    (made,) = with_call_ids([turn])
    assert (made.name, made.weight, made.extra) == ("ann", 0, {"x": 1})
    assert made.tool_calls[0].id == "call_1"
