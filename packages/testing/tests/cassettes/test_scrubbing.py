"""No secret gets into a recording, whichever way it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.testing.cassettes.scrubbing import CUT, Scrubber

SECRET = "s3cret-of-the-house"
_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(f"a {SECRET} b")
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(_VALUES)
def test_a_named_secret_is_nowhere(value: Any) -> None:
    kept = json.dumps(Scrubber([SECRET]).value({"wrapped": value}))
    assert SECRET not in kept


@given(_VALUES)
def test_what_is_no_secret_stays(value: Any) -> None:
    plain = json.loads(json.dumps(value).replace(SECRET, "word"))
    assert Scrubber().value({"wrapped": plain}) == {"wrapped": plain}


@pytest.mark.parametrize(
    "name", ["api_key", "apiKey", "Authorization", "client-secret", "password", "access_token"]
)
def test_fields_are_cut_by_their_name(name: str) -> None:
    assert Scrubber().value({"deep": [{name: "anything"}]}) == {"deep": [{name: CUT}]}


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop1234",
        "AIzaSyA-1234567890abcdefghijklmnopqrstu",
        "hf_abcdefghijklmnopqrstuvwx",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "ya29.a0AfH6SMBx1234567890abc",
    ],
)
def test_secrets_are_cut_by_their_shape(secret: str) -> None:
    assert Scrubber().text(f"it is {secret}, keep it") == f"it is {CUT}, keep it"


def test_signatures_of_thinking_stay() -> None:
    block = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    assert Scrubber().value(block) == block


def test_only_harmless_headers_are_kept() -> None:
    headers = {"Content-Type": "a/b", "Set-Cookie": "x=1", "X-Odd": "1", "Retry-After": "3"}
    assert Scrubber().headers(headers) == {"content-type": "a/b", "retry-after": "3"}


def test_a_secret_that_begins_with_another_is_cut_whole() -> None:
    assert Scrubber(["abc", "abcdef"]).text("abcdef abc") == f"{CUT} {CUT}"


def test_keys_in_a_query_are_cut() -> None:
    asked = Scrubber([SECRET]).query(f"key=k&alt=sse&empty=&is=a%2Bb&is={SECRET}")
    assert asked == {"key": CUT, "alt": "sse", "empty": "", "is": ["a+b", CUT]}


def test_secrets_in_a_path_are_cut_however_they_are_escaped() -> None:
    scrubber = Scrubber(["p@th secret", "a/b"])
    path = scrubber.path("/x/p%40th%20secret/sk-proj-abcdefghijklmnop1234/a/b/org%2Fname%3Aq")
    assert path == f"/x/{CUT}/{CUT}/{CUT}/org%2Fname:q"


def test_fields_of_arguments_in_a_text_are_cut() -> None:
    told = Scrubber().value({"arguments": '{"user": "é", "password": "hunter2"}'})
    assert told == {"arguments": f'{{"user": "é", "password": "{CUT}"}}'}


def test_words_that_only_look_like_a_key_stay() -> None:
    words = "risk-management-of-our-house-1"
    assert Scrubber().text(words) == words


@given(st.lists(st.sampled_from(["data: ", "event: x", '{"a": [1.0]}', "\r", "\n", "\r\n"])))
def test_events_without_secrets_stay_as_they_are(pieces: list[str]) -> None:
    event = "".join(pieces)
    assert Scrubber().event(event) == event


def test_fields_of_events_are_cut() -> None:
    event = 'event: x\r\ndata: {"password": "hunter2", "n": 1}\r\n\r\n'
    assert Scrubber().event(event) == event.replace("hunter2", CUT)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_secret_in_two_events_is_noticed(wanted: bool) -> None:
    halves = [SECRET[:5], SECRET[5:] if wanted else "ond chance"]
    events = [f'data: {{"delta": [{{"content": "{half}"}}]}}\n\n' for half in halves]
    assert Scrubber([SECRET]).is_split(events) is wanted
