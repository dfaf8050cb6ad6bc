"""What stays of a conversation: the latest, in order, and no result without its call."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.cache.memories.records import Head
from racto.cache.memories.windows import fitting, kept, surviving
from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.messages import Message

names = st.sampled_from(["a", "b", "c"])
heads_ = st.lists(
    st.builds(
        Head,
        is_summary=st.just(False),
        calls=st.lists(names, max_size=2).map(tuple),
        results=st.lists(names, max_size=2).map(tuple),
    ),
    max_size=12,
)


@given(heads_, st.integers(1, 6), st.booleans())
def test_the_latest_stay_and_no_result_without_its_call(
    heads: list[Head], most: int, has_summary: bool
) -> None:
    if has_summary:
        heads = [Head(is_summary=True), *heads]
    places = surviving(heads, most)
    assert places == sorted(set(places))
    assert len(places) <= most + has_summary
    called: set[str] = set()
    for place in places:
        assert called >= set(heads[place].results)
        called |= set(heads[place].calls)
    # Whatever has no results and is late enough is there.
    first = max(int(has_summary), len(heads) - most)
    late = {place for place in range(first, len(heads)) if not heads[place].results}
    assert late | set(range(has_summary)) <= set(places)


def call(id: str) -> Message:
    """A turn that calls a tool."""
    return Message.assistant(tool_calls=[ToolCallResult(id=id, name="see")])


def answer(id: str) -> Message:
    """What the tool answered."""
    return Message.tool([ToolResultPart(tool_call_id=id)])


def test_a_read_takes_the_latest_that_fit() -> None:
    turns = [Message.user("a"), call("1"), answer("1"), Message.assistant("b"), Message.user("c")]

    def each(_: Message) -> int:
        return 10

    assert fitting(turns, 50, each) == turns
    assert fitting(turns, 49, each) == turns[1:]
    # The call does not fit, and so its result goes too.
    assert fitting(turns, 30, each) == turns[3:]
    assert fitting(turns, 9, each) == []
    assert fitting([], 9, each) == []


def test_a_summary_comes_first_if_it_fits() -> None:
    turns = [Message.system("old"), Message.user("a"), Message.user("b")]
    assert fitting(turns, 20, lambda _: 10, has_summary=True) == [turns[0], turns[2]]
    costs = {"old": 90, "a": 10, "b": 10}
    found = fitting(turns, 20, lambda message: costs[message.text], has_summary=True)
    assert found == turns[1:]


def test_records_that_cannot_be_read_are_kept_like_others() -> None:
    assert kept([b"garbage", b"more", b"\xff"], 2) == [b"more", b"\xff"]
