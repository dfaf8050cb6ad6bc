"""Answers stay with their calls and thinking with its turn, whoever speaks in between."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.core import Message
from racto.core.content import ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from racto.core.messages import MessageRole
from racto.providers.turn_groups import TurnGroups

USER, TOOL, ASSISTANT = MessageRole.USER, MessageRole.TOOL, MessageRole.ASSISTANT
HI, HELLO = Message.user("hi"), Message.assistant("hello")


def calls(*ids: str) -> Message:
    parts = tuple(ToolCallPart(id=each, name="f", arguments={}) for each in ids)
    return Message(role=ASSISTANT, content=parts)


def answers(*ids: str, role: MessageRole = TOOL) -> Message:
    parts = tuple(ToolResultPart(tool_call_id=each, content="w") for each in ids)
    return Message(role=role, content=parts)


def thought(role: MessageRole = ASSISTANT) -> Message:
    return Message(role=role, content=(ReasoningPart(text="w", id="r1"),))


def groups(*history: Message) -> list[tuple[int, int]]:
    return list(TurnGroups(history).between(0, len(history)))


def test_turns_of_their_own_are_groups_of_their_own() -> None:
    assert groups(HI, HELLO, HI) == [(0, 1), (1, 2), (2, 3)]
    assert groups() == []


def test_answers_belong_to_their_call_in_whichever_role_they_stand() -> None:
    assert groups(HI, calls("a"), answers("a"), HELLO) == [(0, 1), (1, 3), (3, 4)]
    assert groups(HI, calls("a"), answers("a", role=USER), HELLO) == [(0, 1), (1, 3), (3, 4)]
    also = Message(role=USER, content=(*answers("a").parts, TextPart(text="and go on")))
    assert groups(calls("a"), also, HELLO) == [(0, 2), (2, 3)]


def test_who_speaks_between_a_call_and_its_answers_belongs_to_them() -> None:
    history = (calls("a", "b"), answers("a"), HI, answers("b"), HELLO)
    assert groups(*history) == [(0, 4), (4, 5)]


def test_ids_that_are_used_again_are_of_the_latest_call() -> None:
    again = (calls("0"), answers("0"), HI, calls("0"), answers("0", role=USER))
    assert groups(*again) == [(0, 2), (2, 3), (3, 5)]
    assert groups(*again, HI, answers("0")) == [(0, 2), (2, 3), (3, 5), (5, 7)]


def test_an_answer_to_no_call_belongs_to_the_turn_before_it() -> None:
    assert groups(HI, HELLO, answers("x", role=USER)) == [(0, 1), (1, 3)]
    assert groups(answers("x"), HI) == [(0, 1), (1, 2)]


def test_thinking_without_words_leads_to_the_turn_behind_it() -> None:
    assert groups(thought(), calls("a"), answers("a")) == [(0, 3)]
    # The user's next turn is not what it led to.
    assert groups(thought(), HI) == [(0, 1), (1, 2)]


TURNS = st.one_of(
    st.just(HI),
    st.just(HELLO),
    st.builds(thought),
    st.lists(st.sampled_from("abc"), max_size=2).map(lambda ids: calls(*ids)),
    st.builds(
        lambda ids, role: answers(*ids, role=role),
        st.lists(st.sampled_from("abc"), max_size=2),
        st.sampled_from([TOOL, USER]),
    ),
)


@given(st.lists(TURNS, max_size=12))
def test_groups_cover_the_history_and_no_answer_leaves_its_call(history: list[Message]) -> None:
    found = groups(*history)
    assert [at for start, stop in found for at in range(start, stop)] == list(range(len(history)))
    group_of = {at: number for number, span in enumerate(found) for at in range(*span)}
    latest: dict[str, int] = {}
    for at, turn in enumerate(history):
        latest |= {call.id: at for call in turn.tool_calls}
        for part in turn.parts:
            if isinstance(part, ToolResultPart) and part.tool_call_id in latest:
                assert group_of[latest.pop(part.tool_call_id)] == group_of[at]


@given(st.lists(TURNS, max_size=12), st.integers(0, 12))
def test_the_start_before_and_the_start_after_lie_around(history: list[Message], at: int) -> None:
    at = min(at, len(history))
    found, starts = TurnGroups(history), [start for start, _ in groups(*history)]
    starts.append(len(history))
    assert found.start_before(at) == max(start for start in starts if start <= at)
    assert found.start_after(at) == min(start for start in starts if start >= at)


def test_an_answer_behind_a_gap_goes_with_its_question() -> None:
    found = TurnGroups((HI, HELLO, HI, HELLO, calls("a"), answers("a"), HELLO))
    assert found.with_its_question(1, 6) == 2
    assert found.with_its_question(3, 6) == 4
    assert found.with_its_question(1, 1) == 1
