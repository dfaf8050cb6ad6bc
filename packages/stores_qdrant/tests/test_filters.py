"""Filters: both bounds hold for whatever is stored, and keys and values stay data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import (
    EDGE_DAYS as DAYS,
    EDGE_FACTS,
    EDGE_FILTERS,
    EDGE_TIMES as TIMES,
)
from racto.stores.qdrant.facts import FactBook
from racto.stores.qdrant.filters import bounds, sieve


def chunk(extra: dict[str, Any]) -> Chunk:
    return Chunk(content="", embedding=[1.0], metadata=ChunkMetadata(extra=extra))


def engine_says(condition: Any, payload: dict[str, Any]) -> bool:
    """What Qdrant's own evaluator decides, as local mode runs it."""
    if isinstance(condition, bool):
        return condition
    from qdrant_client import models
    from qdrant_client.local.payload_filters import check_filter

    told = models.Filter.model_validate({"must": [condition]})
    return bool(check_filter(told, payload, "0", {}))


@settings(max_examples=400)
@given(extra=EDGE_FACTS, filters=EDGE_FILTERS)
@example(extra={"a": [1, True]}, filters={"a": {"$not": {"$gt": 1}}})
@example(extra={"a": 2**53 + 1}, filters={"a": {"$ne": 2**53}})
@example(extra={"a": TIMES[0]}, filters={"a": {"$not": {"$gt": TIMES[3]}}})
@example(extra={f"k{n}": n for n in range(300)}, filters={"k299": {"$exists": False}})
def test_what_matches_lies_between_the_bounds(
    extra: dict[str, Any], filters: dict[str, Any]
) -> None:
    stored = chunk(extra)
    tree = parse_filter(filters)
    assert tree is not None
    lower, upper = bounds(tree)
    payload = FactBook().facts_of(stored)
    truth = matches(tree, lookup_of(stored))
    assert engine_says(lower, payload) <= truth <= engine_says(upper, payload)


@pytest.mark.parametrize(
    "filters",
    [
        {"lang": "en"}, {"page": {"$gte": 3, "$lt": 5}}, {"ok": True}, {"lang": None},
        {"lang": {"$in": ["en", 1, None]}}, {"lang": {"$nin": ["en"]}}, {"lang": {"$exists": False}},
        {"day": {"$gt": DAYS[0]}}, {"at": TIMES[1]}, {"$not": {"$or": [{"a": 1}, {"b.c": "x"}]}},
    ],
)  # fmt: skip
def test_common_filters_are_decided_by_qdrant_alone(filters: dict[str, Any]) -> None:
    tree = parse_filter(filters)
    assert tree is not None
    lower, upper = bounds(tree)
    stored = chunk({"lang": "en", "ok": True, "day": DAYS[1], "at": TIMES[2], "b": {"c": "y"}})
    payload = FactBook().facts_of(stored)
    assert engine_says(lower, payload) == engine_says(upper, payload)


def test_keys_that_could_be_paths_are_never_paths() -> None:
    told = str(sieve(parse_filter({'a" or "b': 1, "c[0]": "x", "d\\": True})))
    assert "facts" not in told
    assert "flags" not in told


def test_what_nothing_can_satisfy_selects_no_id() -> None:
    assert sieve(parse_filter({"lang": {"$in": []}})) != {"must": []}
    assert sieve(None) is None
