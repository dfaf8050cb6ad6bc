"""Lists are cut into pages that hold each object once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.testing.openai.listing import FilesQuery, ListQuery, page, read_fields
from racto.testing.refusals import Refusal


def cut(count: int, **query: str) -> dict[str, Any]:
    things = [{"id": f"t{number}"} for number in range(count)]
    found: dict[str, Any] = json.loads(page(things, read_fields(ListQuery, query)).body)
    return found


@given(st.integers(0, 40), st.integers(1, 15))
def test_pages_hold_everything_once(count: int, limit: int) -> None:
    seen: list[str] = []
    query = {"limit": str(limit)}
    while True:
        found = cut(count, **query)
        seen += [one["id"] for one in found["data"]]
        if not found["has_more"]:
            break
        query["after"] = found["last_id"]
    assert seen == [f"t{number}" for number in range(count)]


def test_a_page_has_twenty_objects_unless_told() -> None:
    assert len(cut(30)["data"]) == 20


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"colour": "red"}], ids=str
)
def test_a_bad_query_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        read_fields(ListQuery, query)


def test_files_come_by_the_thousand() -> None:
    assert read_fields(FilesQuery, {}).limit == 10_000
