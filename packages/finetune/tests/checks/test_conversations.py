"""Rules for every conversation: each fault is found once, where it is, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.content import TextPart, ToolCallPart
from racto.finetune import RactoTrainingExample, RactoTrainingMessage
from racto.finetune.checks.conversations import check_conversation
from racto.finetune.checks.endings import check_ending

Turn = RactoTrainingMessage
TOOL = {"name": "f", "parameters": {"type": "object"}}


def call(id: str = "c1", name: str = "f", **facts: Any) -> Turn:
    return Turn("assistant", [ToolCallPart(id=id, name=name, **facts)])


GOOD = [
    [Turn("user", "q"), Turn("assistant", "a")],
    [Turn("system", "s"), Turn("user", "q"), Turn("assistant", "a"), Turn("user", "r"), Turn("assistant", "b")],
    [Turn("user", "q"), call(), Turn.tool("c1", ""), Turn("assistant", "a", weight=1)],
    [Turn("user", "q"), Turn("assistant", [ToolCallPart(id="c1", name="f"), ToolCallPart(id="c2", name="f")]),
     Turn.tool("c2", "x"), Turn.tool("c1", "y"), Turn("assistant", "a")],
    [Turn("user", "q"), call(id=""), Turn.tool("", "x"), Turn("assistant", "a")],
]  # fmt: skip


@pytest.mark.parametrize("turns", GOOD, ids=range(len(GOOD)))
def test_good_conversations_have_no_fault(turns: list[Turn]) -> None:
    example = RactoTrainingExample(turns, tools=[TOOL])
    assert list(check_conversation(example)) == []
    assert list(check_ending(example, "chat")) == []


BAD: list[tuple[str, list[Turn], str, int | None, bool]] = [
    ("empty", [], "there is no message", None, True),
    ("roles", [Turn("user", "q"), Turn("bot", "a")], "unknown role", 1, True),
    ("empty", [Turn("user", " "), Turn("assistant", "a")], "nothing is said", 0, True),
    ("empty", [Turn("user", "q"), Turn("assistant", [TextPart(text=""), TextPart(text="")])], "nothing", 1, True),
    ("tools", [Turn("user", "q"), Turn("tool", "x")], "answers no call", 1, True),
    ("tools", [Turn("user", "q"), Turn.tool("c9", "x")], "'c9' answers no call", 1, True),
    ("tools", [Turn("user", "q"), call(), Turn("user", "r")], "'c1' is not answered", 2, True),
    ("tools", [Turn("user", [ToolCallPart(name="f")])], "only the assistant", 0, True),
    ("tools", [Turn("user", "q"), call(name="g")], "'g', which is not among", 1, False),
    ("tools", [Turn("user", "q"), call(raw_arguments="{")], "no JSON object", 1, True),
    ("weight", [Turn("user", "q", weight=1)], "belongs to an assistant", 0, True),
    ("weight", [Turn("user", "q"), Turn("assistant", "a", weight=0.5)], "0 or 1, not 0.5", 1, True),
    ("unicode", [Turn("user", "\ud800")], "surrogate", 0, True),
    ("order", [Turn("user", "q"), Turn("system", "s")], "comes first", 1, False),
    ("order", [Turn("assistant", "a")], "does not begin with the user", 0, False),
    ("order", [Turn("user", "q"), Turn("user", "r")], "twice in a row", 1, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "turns", "says", "message", "is_error"), BAD, ids=[f"{n}-{b[0]}" for n, b in enumerate(BAD)]
)  # fmt: skip
def test_each_fault_is_found_once(
    rule: str, turns: list[Turn], says: str, message: int | None, is_error: bool
) -> None:
    (fault,) = check_conversation(RactoTrainingExample(turns, tools=[TOOL]))
    assert (fault.rule, fault.message, fault.is_error) == (rule, message, is_error)
    assert says in fault.text
    assert message is None or fault.place == f"messages[{message}] ({turns[message].role})"


def test_endings() -> None:
    question = [Turn("user", "q")]
    pair = RactoTrainingExample.from_pair("q", "a")
    choice = RactoTrainingExample.from_preference("q", chosen="g", rejected="b")

    def faults(example: RactoTrainingExample, kind: Any) -> list[str]:
        return [fault.rule for fault in check_ending(example, kind)]

    assert faults(choice, "preference") == []
    assert faults(choice, "chat") == ["kind"]
    assert faults(pair, "preference") == ["preference", "preference", "order"]
    assert faults(RactoTrainingExample(question), "chat") == ["order"]
    assert faults(RactoTrainingExample(question), "graded") == []
    assert faults(pair, "graded") == ["order"]
    silent = [*question, Turn("assistant", "a", weight=0)]
    assert faults(RactoTrainingExample(silent), "chat") == ["weight"]
    same = RactoTrainingExample.from_preference("q", chosen="g", rejected="g")
    assert faults(same, "preference") == ["preference"]
    other = choice.replace(rejected=[Turn("user", "b")])
    assert faults(other, "preference") == ["preference"]
