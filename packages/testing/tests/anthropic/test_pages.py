"""Lists are cut into pages that hold each object once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.testing.anthropic.pages import page


def things(count: int) -> list[dict[str, Any]]:
    return [{"id": f"t{number}"} for number in range(count)]


def cut(count: int, **query: str) -> dict[str, Any]:
    found = page(things(count), query)
    assert not isinstance(found, str)
    return found


@given(st.integers(0, 40), st.integers(1, 15))
def test_pages_forward_hold_everything_once(count: int, limit: int) -> None:
    seen: list[Any] = []
    query = {"limit": str(limit)}
    while True:
        found = cut(count, **query)
        seen += found["data"]
        if not found["has_more"]:
            break
        query["after_id"] = found["last_id"]
    assert seen == things(count)


@given(st.integers(1, 40), st.integers(1, 15))
def test_pages_backward_do_so_too(count: int, limit: int) -> None:
    last = things(count)[-1]
    seen = [last]
    query = {"limit": str(limit), "before_id": last["id"]}
    while True:
        found = cut(count, **query)
        seen = [*found["data"], *seen]
        if not found["has_more"]:
            break
        query["before_id"] = found["first_id"]
    assert seen == things(count)


def test_a_page_has_twenty_objects_unless_told() -> None:
    assert len(cut(30)["data"]) == 20


def test_an_empty_list_has_no_ends() -> None:
    assert cut(0) == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "0"}, "limit: Input should be greater than or equal to 1"),
        ({"limit": "1001"}, "limit: Input should be less than or equal to 1000"),
        ({"limit": "x"}, "limit: Input should be a valid integer"),
        ({"after_id": "t9"}, "No object was found with the id 't9'"),
    ],
    ids=str,
)
def test_a_page_that_is_not_there_is_refused(query: dict[str, str], words: str) -> None:
    refused = page(things(3), query)
    assert isinstance(refused, str)
    assert refused.startswith(words)
