"""Keys: equal for equal requests, different for all others, whatever the fields are called."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.retrieval.server.cache import canonical, request_key, scope_of
from racto.retrieval.server.errors import InvalidRequestError

VALUES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5)
ITEMS = st.dictionaries(
    st.text(max_size=5).filter(lambda n: n not in ("request_id", "timestamp", "explain")),
    VALUES | st.lists(VALUES, max_size=3),
    max_size=4,
)


@given(ITEMS)
def test_order_does_not_matter(item: dict[str, Any]) -> None:
    backwards = dict(reversed(item.items()))
    assert request_key(b"s", item) == request_key(b"s", backwards)


@given(ITEMS, ITEMS)
def test_different_requests_have_different_keys(one: dict[str, Any], other: dict[str, Any]) -> None:
    # JSON tells True from 1, which Python's equality does not.
    same = canonical(one) == canonical(other)
    assert (request_key(b"s", one) == request_key(b"s", other)) == same
    if repr(one) == repr(other):
        assert same


def test_every_field_counts_but_those_that_name_the_request() -> None:
    key = request_key(b"s", {"query": "q", "limit": 10})
    assert request_key(b"s", {"query": "q", "limit": 10, "subset": "fr"}) != key
    assert request_key(b"s", {"query": "q", "limit": 10, "prompt": "p"}) != key
    assert request_key(b"s", {"query": "q", "limit": 10, "request_id": "r7"}) == key


def test_scopes_never_meet() -> None:
    item = {"query": "q"}
    # Joined by a separator that a name could hold, these two would be one.
    assert request_key(scope_of("a", "b/c"), item) != request_key(scope_of("a/b", "c"), item)
    assert request_key(scope_of("a", "b,c"), item) != request_key(scope_of("a,b", "c"), item)


def test_bytes_count_by_their_content() -> None:
    one = request_key(b"s", {"passages": [b"\xff\x00" * 1000]})
    assert one == request_key(b"s", {"passages": [b"\xff\x00" * 1000]})
    assert one != request_key(b"s", {"passages": [b"\xff\x01" * 1000]})
    assert len(one) < 200


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="object"):
        request_key(b"s", {"query": object()})


def test_a_key_of_many_passages_is_short_and_still_tells_them_apart() -> None:
    passages = ["some text"] * 1000
    key = request_key(b"s", {"passages": passages})
    assert len(key) < 100
    assert request_key(b"s", {"passages": list(passages)}) == key
    assert request_key(b"s", {"passages": [*passages[1:], "other text"]}) != key
