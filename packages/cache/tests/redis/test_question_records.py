"""A question and its reply come back as they were, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.cache.redis.question_records import question_record, read_question
from racto.core.errors import InvalidResponseError
from racto.core.testing.contracts.requests import reply_of


@given(query=st.text(st.characters(), max_size=200), answer=st.text(max_size=200))
def test_round_trip(query: str, answer: str) -> None:
    response = reply_of(answer, raw=object())
    found, reply = read_question(question_record(query, response))
    assert found == query
    assert reply == response.model_copy(update={"raw": None})


@given(data=st.binary(max_size=100))
def test_foreign_bytes(data: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        read_question(data)


@given(place=st.integers(0), change=st.integers(1, 255), cut=st.integers(1, 40))
def test_damaged_bytes(place: int, change: int, cut: int) -> None:
    whole = question_record("why?", reply_of())
    damaged = bytearray(whole)
    damaged[place % len(whole)] ^= change
    with pytest.raises(InvalidResponseError):
        read_question(whole[:-cut])
    try:
        query, reply = read_question(bytes(damaged))
    except InvalidResponseError:
        return
    # Only the words of the question may have changed: the reply has a checksum.
    assert (len(query), reply) == (4, reply_of())


def test_question_that_is_no_text() -> None:
    damaged = question_record("why?", reply_of()).replace(b"why?", b"\xff\xff\xff\xff")
    with pytest.raises(InvalidResponseError, match="question is damaged"):
        read_question(damaged)
