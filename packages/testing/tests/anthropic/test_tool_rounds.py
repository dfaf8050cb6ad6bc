"""Each call of a tool has one result, in the next message, before all else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.testing.anthropic.requests import Message
from racto.testing.anthropic.tool_rounds import objections


def asked(*ids: str) -> dict[str, Any]:
    calls = [{"type": "tool_use", "id": id, "name": "look", "input": {}} for id in ids]
    return {"role": "assistant", "content": calls}


def told(*ids: str, first: str = "", last: str = "") -> dict[str, Any]:
    results = [{"type": "tool_result", "tool_use_id": id, "content": "seen"} for id in ids]
    before = [{"type": "text", "text": first}] if first else []
    after = [{"type": "text", "text": last}] if last else []
    return {"role": "user", "content": [*before, *results, *after]}


HELLO = {"role": "user", "content": "hi"}
DONE = {"role": "assistant", "content": "done"}


@pytest.mark.parametrize(
    "messages",
    [
        [HELLO, asked("t1"), told("t1")],
        [HELLO, asked("t1", "t2"), told("t2", "t1", last="go on")],
        [HELLO, asked("t1"), told("t1"), asked("t2"), told("t2")],
        [HELLO, asked("t1"), told("t1"), DONE, HELLO],
    ],
)
def test_whole_rounds_are_taken(taken: Callable[..., None], messages: list[dict[str, Any]]) -> None:
    taken(messages=messages)


def test_a_result_may_hold_blocks_or_nothing(taken: Callable[..., None]) -> None:
    blocks = [{"type": "text", "text": "seen"}, {"type": "tool_reference", "tool_name": "x"}]
    results = [
        {"type": "tool_result", "tool_use_id": "t1", "content": blocks, "is_error": True},
        {"type": "tool_result", "tool_use_id": "t2"},
    ]
    taken(messages=[HELLO, asked("t1", "t2"), {"role": "user", "content": results}])


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (
            [HELLO, asked("t1"), HELLO],
            "messages.1: `tool_use` ids were found without `tool_result`",
        ),
        ([HELLO, asked("t1", "t2"), told("t1")], "immediately after: t2."),
        ([HELLO, asked("t1", "t2"), told("t1"), told("t2")], "immediately after: t2."),
        ([HELLO, asked("t1"), told("t1", first="look:")], "immediately after: t1."),
        ([HELLO, asked("t1"), HELLO, told("t1")], "immediately after: t1."),
        ([HELLO, asked("t1")], "messages.1: `tool_use` ids were found without"),
        ([told("t1")], "messages.0.content.0: unexpected `tool_use_id` found"),
        ([HELLO, asked("t1"), told("t1", "t9")], "messages.2.content.1: unexpected `tool_use_id`"),
        ([HELLO, asked("t1"), told("t1"), DONE, told("t1")], "messages.4.content.0: unexpected"),
        ([HELLO, asked("t1"), told("t1", "t1")], "messages.2.content.1: each tool_use must have a"),
        (
            [HELLO, asked("t1"), told("t1"), asked("t1"), told("t1")],
            "messages.3.content.0: `tool_use` ids must be unique",
        ),
    ],
)
def test_a_broken_round_is_refused(
    refused: Callable[..., str], messages: list[dict[str, Any]], words: str
) -> None:
    assert words in refused(messages=messages)


IDS = st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=5, unique=True)


@given(IDS, st.data())
def test_only_the_full_set_of_results_is_taken(ids: list[str], data: st.DataObject) -> None:
    answered = data.draw(st.lists(st.sampled_from(ids), unique=True))
    messages = [Message.model_validate(one) for one in (HELLO, asked(*ids), told(*answered))]
    assert (next(objections(messages), None) is None) == (set(answered) == set(ids))
