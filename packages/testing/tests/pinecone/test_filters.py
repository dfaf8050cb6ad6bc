"""Which metadata satisfies a filter of Pinecone, and which filters it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from racto.testing.pinecone.filters import compiled
from racto.testing.refusals import Refusal

STORED: dict[str, Any] = {"lang": "en", "n": 2.0, "yes": True, "tags": ["a", "b"]}


@pytest.mark.parametrize(
    "filters",
    [
        {"lang": "en"}, {"lang": {"$in": ["de", "en"]}}, {"n": {"$gte": 2, "$lt": 3}}, {"n": 2},
        {"yes": True}, {"yes": {"$ne": False}}, {"tags": "b"}, {"tags": {"$nin": ["c"]}},
        {"none": {"$exists": False}}, {"none": {"$ne": 1}}, {"lang": "en", "n": {"$ne": 3}},
        {"$or": [{"lang": "de"}, {"n": 2}]}, {"$and": [{"lang": "en"}, {"tags": "a"}]},
    ],
    ids=str,
)  # fmt: skip
def test_these_are_satisfied(filters: dict[str, Any]) -> None:
    assert compiled(filters)(STORED)


@pytest.mark.parametrize(
    "filters",
    [
        {"lang": "de"}, {"n": True}, {"yes": 1}, {"n": "2"}, {"lang": {"$gt": 1}}, {"tags": "c"},
        {"tags": {"$ne": "a"}}, {"none": {"$exists": True}}, {"lang": {"$in": []}},
        {"$or": [{"lang": "de"}, {"n": 3}]},
    ],
    ids=str,
)  # fmt: skip
def test_these_are_not(filters: dict[str, Any]) -> None:
    assert not compiled(filters)(STORED)


@pytest.mark.parametrize(
    "filters",
    [
        {"lang": {"$like": "e"}}, {"$not": {"lang": "en"}}, {"$nor": [{"lang": "en"}]}, {"$and": []},
        {"lang": None}, {"lang": {"$gt": "a"}}, {"n": {"$gt": True}}, {"n": {"$in": [True]}},
        {"n": {"$in": 1}}, {"n": {"$exists": 1}}, {"lang": {}}, {"tags": ["a"]},
    ],
    ids=str,
)  # fmt: skip
def test_these_are_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        compiled(filters)


def test_depth_is_limited() -> None:
    deep: dict[str, Any] = {"lang": "en"}
    for _ in range(40):
        deep = {"$and": [deep]}
    with pytest.raises(Refusal):
        compiled(deep)
