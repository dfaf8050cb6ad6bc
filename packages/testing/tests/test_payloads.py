"""Answers become bytes, and what a reply or a failure brings of its own has the last word."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, strategies as st

from racto.testing import Conduct, Failure, Reply
from racto.testing.payloads import (
    encoded,
    event,
    failed,
    line,
    retry_header,
    retry_seconds,
    streamed,
    whole,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert json.loads(encoded(value)) == value
    assert json.loads(event(value)[6:-2]) == value if not isinstance(value, str) else True
    assert line(value).count(b"\n") == 1 or isinstance(value, str)


def test_half_a_surrogate_pair_is_escaped() -> None:
    assert encoded("\ud800") == b'"\\ud800"'


def test_bytes_and_text_of_events_are_sent_as_they_are() -> None:
    assert encoded(b"\xff") == b"\xff"
    assert event("[DONE]") == b"data: [DONE]\n\n"
    assert line("broken") == b"broken\n"


def test_a_reply_brings_its_own_body_headers_and_conduct() -> None:
    conduct = Conduct(delay=1)
    answer = whole(Reply(body=[1], headers={"x": "y"}, conduct=conduct), lambda: {"a": 1})
    assert (answer.body, answer.headers, answer.conduct) == (b"[1]", {"x": "y"}, conduct)
    assert whole(Reply(), lambda: {"a": 1}).body == b'{"a":1}'


def test_a_reply_brings_its_own_events() -> None:
    reply = Reply(events=["a", {"b": 1}], headers={"x": "y"})
    answer = streamed(reply, iter([b"no"]), pack=line, headers={"x": "z", "w": "v"})
    assert list(answer.events or ()) == [b"a\n", b'{"b":1}\n']
    assert answer.headers == {"x": "y", "w": "v"}
    assert list(streamed(Reply(), iter([b"own"])).events or ()) == [b"own"]


def test_a_failure_brings_its_own_status_body_and_headers() -> None:
    answer = failed(Failure(), status=500, body={"a": 1}, headers={"x": "y"})
    assert (answer.status, answer.body, answer.headers) == (500, b'{"a":1}', {"x": "y"})
    own = Failure(status=418, body=b"tea", headers={"x": "z"})
    answer = failed(own, status=500, body={"a": 1}, headers={"x": "y"})
    assert (answer.status, answer.body, answer.headers) == (418, b"tea", {"x": "z"})


def test_a_wait_is_told_in_seconds_or_as_a_date() -> None:
    assert retry_header(Failure()) == {}
    assert retry_seconds(Failure()) is None
    assert retry_header(Failure(retry_after=1.5)) == {"retry-after": "1.5"}
    assert retry_seconds(Failure(retry_after=1.5)) == 1.5
    later = datetime.now(UTC) + timedelta(seconds=100)
    told = parsedate_to_datetime(retry_header(Failure(retry_after=later))["retry-after"])
    assert abs((told - later).total_seconds()) < 1
    assert 90 < (retry_seconds(Failure(retry_after=later)) or 0) <= 100
    assert retry_seconds(Failure(retry_after=datetime(2020, 1, 1, tzinfo=UTC))) == 0


def test_a_body_of_its_own_answers_a_stream_whole() -> None:
    answer = streamed(Reply(body=b"<html>"), [b"never"], headers={"content-type": "text/x"})
    assert (answer.body, answer.events) == (b"<html>", None)
    assert "content-type" not in answer.headers


def test_events_alone_do_not_answer_a_whole_request() -> None:
    with pytest.raises(ValueError, match="no stream"):
        whole(Reply(events=["a"]), dict)
