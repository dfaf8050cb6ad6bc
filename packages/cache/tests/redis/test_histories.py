"""The scripts of conversations drop what the rules in Python drop, and add nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.cache.memories.records import packed
from racto.cache.memories.shelves import Added
from racto.cache.memories.windows import kept
from racto.cache.redis import RedisOptions
from racto.cache.redis.connections import RedisLink
from racto.cache.redis.histories import HistoryShelf
from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.messages import Message

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)

numbers = count()


@pytest.fixture(scope="module")
def shelf(shared_redis: Any) -> Iterator[HistoryShelf]:
    link = RedisLink(shared_redis.url, options=PATIENT)
    yield HistoryShelf(link, prefix="racto:test:histories", life=60)
    link.close()


ids = st.sampled_from(["a", "b", 'ü"\n}', ""])
turns = st.one_of(
    st.builds(Message.user, st.sampled_from(["hi", "1 ab\n{}"])),
    st.builds(
        lambda names: Message.assistant(
            "calls", tool_calls=[ToolCallResult(id=name, name="see") for name in names]
        ),
        st.lists(ids, min_size=1, max_size=2),
    ),
    st.builds(
        lambda names: Message.tool([ToolResultPart(tool_call_id=name) for name in names]),
        st.lists(ids, min_size=1, max_size=2),
    ),
)
batches = st.lists(st.lists(turns, min_size=1, max_size=4), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(batches=batches, most=st.integers(1, 6), folds=st.booleans())
def test_the_rules_are_the_same(
    shelf: HistoryShelf, batches: list[list[Message]], most: int, folds: bool
) -> None:
    name, expected = str(next(numbers)), list[bytes]()
    for batch in batches:
        records = packed(batch)
        before = len(expected) + len(records)
        expected = kept([*expected, *records], most)
        assert shelf.add(name, records, most) == Added(len(expected), before - len(expected))
        assert shelf.read(name) == expected
    if folds and expected:
        seen, rest = expected[:1], expected[1:]
        summary = packed([Message.system("s")], is_summary=True)[0]
        assert shelf.fold(name, seen, summary)
        expected = kept([summary, *rest], len(rest))
        assert shelf.read(name) == expected
        # And a summary stays where it is.
        more = packed([Message.user("x")] * 2)
        expected = kept([*expected, *more], most)
        shelf.add(name, more, most)
        assert shelf.read(name) == expected
        assert shelf.count(name) == len(expected)


def test_what_is_sent_twice_is_there_once(shelf: HistoryShelf) -> None:
    # A client of the user's may try again when the answer to the first try was lost.
    records = packed([Message.user("a"), Message.user("b")])
    for _ in range(2):
        assert shelf.add("twice", records, 20) == Added(2, 0)
    assert asyncio.run(shelf.aread("twice")) == records


def test_a_fold_needs_what_was_seen(shelf: HistoryShelf) -> None:
    records = packed([Message.user(str(number)) for number in range(4)])
    shelf.add("seen", records, 20)
    summary = packed([Message.system("s")], is_summary=True)[0]
    assert not shelf.fold("seen", records[1:3], summary)
    assert not shelf.fold("seen", [*records, b"more"], summary)
    assert shelf.read("seen") == records
    assert shelf.fold("seen", records[:2], summary)
    assert shelf.read("seen") == [summary, *records[2:]]


def test_many_are_added_at_once(shelf: HistoryShelf) -> None:
    records = packed([Message.user("x")] * 12_000)
    assert shelf.add("many", records, 10_000) == Added(10_000, 2_000)
    assert shelf.read("many") == records[2_000:]
