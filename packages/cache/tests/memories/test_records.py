"""Records: whole messages there and back, and nothing foreign taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.cache.memories.records import Head, all_unpacked, head_of, packed
from racto.core.content import ImagePart, ReasoningPart, ToolCallResult, ToolResultPart
from racto.core.errors import InvalidResponseError
from racto.core.messages import Message, MessageRole

ROUND = [
    Message.user("Look:\n at this"),
    Message(role=MessageRole.USER, content=(ImagePart(data=b"\x00\xff" * 50),), name="Ann"),
    Message.assistant(
        "So.",
        tool_calls=[ToolCallResult(id='c"1\n', name="see", arguments={"x": [1, None]})],
        reasoning=[ReasoningPart(text="hm", signature="c2ln", provider="acme")],
    ),
    Message.tool([ToolResultPart(tool_call_id='c"1\n', content="ok", structured={"n": 1.5})]),
]


def read(records: list[bytes]) -> list[Message]:
    """The messages of a conversation called c."""
    return all_unpacked(records, conversation_id="c", store="redis")


def test_messages_come_back_whole() -> None:
    records = packed(ROUND)
    assert read(records) == ROUND
    assert [head_of(record) for record in records] == [
        Head(),
        Head(),
        Head(calls=('c"1\n',)),
        Head(results=('c"1\n',)),
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_any_text_comes_back(text: str, is_summary: bool) -> None:
    (record,) = packed([Message.system(text)], is_summary=is_summary)
    assert read([record])[0].text == text
    assert head_of(record).is_summary is is_summary


def test_no_two_records_are_alike() -> None:
    records = [*packed([Message.user("ok")] * 3), *packed([Message.user("ok")])]
    assert len(set(records)) == 4


def test_the_references_records_are_read() -> None:
    assert read([b'{"role": "user", "content": "hi"}']) == [Message.user("hi")]


@given(st.binary())
def test_anything_has_a_head(data: bytes) -> None:
    assert isinstance(head_of(data), Head)
    assert head_of(b"1 ab " + data.replace(b"\n", b"") + b"\n{}") is not None


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"hello",
        b"\xff\x00",
        b'2 ab\n{"role": "user", "content": "x"}',
        b"1 ab\n",
        b"[" * 99_999,
        packed([Message.user("cut off")])[0][:-3],
        b'{"role": "nobody", "content": "x"}',
    ],
    # Records have a mark drawn by lot, and all test processes must name a case alike.
    ids=["empty", "text", "bytes", "later", "no-body", "deep", "cut", "nobody"],
)
def test_what_is_no_message_raises_and_says_where(record: bytes) -> None:
    good = packed([Message.user("hi")])[0]
    with pytest.raises(InvalidResponseError, match=r"record 1 of the conversation 'c' in redis"):
        read([good, record])


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="message 1 cannot be kept as JSON"):
        packed([Message.user("ok"), Message.user("half a pair: \ud800")])
    result = ToolResultPart(tool_call_id="c", structured=object())
    with pytest.raises(ValueError, match="message 0 cannot be kept as JSON"):
        packed([Message.tool([result])])
    with pytest.raises(ValueError, match="at most 67108864 are kept"):
        packed([Message.user("x" * (64 * 2**20))])
