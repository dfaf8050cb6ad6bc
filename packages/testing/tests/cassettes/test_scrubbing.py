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
    assert Scrubber().query({"key": "k", "alt": "sse"}) == {"key": CUT, "alt": "sse"}
