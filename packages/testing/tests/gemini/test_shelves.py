"""Lists come in pages that together are the whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from racto.testing.gemini.shelves import Shelf, paged
from racto.testing.refusals import Refusal


@given(st.lists(st.integers(), max_size=20), st.integers(1, 7))
def test_pages_together_are_the_list(things: list[int], size: int) -> None:
    found: list[int] = []
    token = ""
    while True:
        page = paged(things, {"pageSize": str(size), "pageToken": token}, "things", int)
        found += page.get("things", [])
        assert len(page.get("things", ())) <= size
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert found == things


@pytest.mark.parametrize(
    "query", [{"pageSize": "0"}, {"pageSize": "x"}, {"pageToken": "x"}, {"pageSize": "9" * 5000}]
)
def test_a_page_that_is_none_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        paged([1], query, "things", int)


def test_a_shelf_keeps_by_name() -> None:
    shelf: Shelf[int] = Shelf("{name} and {id}", status=404)
    shelf.put("a/1", 5)
    assert "a/1" in shelf
    assert shelf.get("a/1") == 5
    assert shelf.drop("a/1") == 5
    with pytest.raises(Refusal) as caught:
        shelf.get("a/1")
    assert caught.value.answer.status == 404
    assert json.loads(caught.value.answer.body)["error"]["message"] == "a/1 and 1"
