"""Filters: both bounds hold for whatever is stored, and keys and values stay data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.stores.qdrant.filters import bounds, sieve
from racto.stores.qdrant.records import point_of

KEYS = [
    "a",
    "b",
    "a.b",
    'qu"ote',
    "page",
    "chunk_index",
    "start_char",
    "sec tion",
    "*",
    "a\\b",
    "x[]",
    "\ud800",
    "日本",
]
DAYS = [date(2024, 2, 29), date(2026, 11, 30)]
TIMES = [
    datetime(2026, 11, 30, 12, 0, 0, 7),
    datetime(2026, 11, 30, 12, tzinfo=UTC),
    datetime(2026, 11, 30, 13, tzinfo=timezone(timedelta(hours=1))),
    datetime(2500, 1, 1),
    datetime(1, 1, 2, tzinfo=UTC),
]
SCALARS = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 1.5, -3, 2**53, 2**53 + 1, 10**30, float("inf"), float("-inf"),
     float("nan"), "", "a", "1", "b" * 2000, "\ud800", *DAYS, *TIMES]
)  # fmt: skip
ITEMS = st.one_of(SCALARS, st.lists(SCALARS, max_size=2))
EXTRAS = st.dictionaries(
    st.sampled_from(KEYS),
    st.one_of(ITEMS, st.lists(ITEMS, max_size=2), st.dictionaries(st.just("b"), ITEMS)),
    max_size=3,
)
ORDERED = SCALARS.filter(lambda value: value is not None and not isinstance(value, bool))
LEAVES = st.builds(
    lambda key, condition: {key: condition},
    st.sampled_from(KEYS),
    st.one_of(
        st.builds(lambda op, value: {op: value}, st.sampled_from(["$eq", "$ne"]), ITEMS),
        st.builds(
            lambda op, value: {op: value},
            st.sampled_from(["$gt", "$gte", "$lt", "$lte"]),
            ORDERED,
        ),
        st.builds(
            lambda op, values: {op: values},
            st.sampled_from(["$in", "$nin"]),
            st.lists(SCALARS, max_size=3),
        ),
        st.builds(lambda there: {"$exists": there}, st.booleans()),
    ),
)
FILTERS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"$and": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"$or": parts}),
        inner.map(lambda part: {"$not": part}),
    ),
    max_leaves=3,
)


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
@given(extra=EXTRAS, filters=FILTERS)
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
    payload = point_of(stored, 1).payload
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
    payload = point_of(stored, 1).payload
    assert engine_says(lower, payload) == engine_says(upper, payload)


def test_keys_that_could_be_paths_are_never_paths() -> None:
    told = str(sieve(parse_filter({'a" or "b': 1, "c[0]": "x", "d\\": True})))
    assert "facts" not in told
    assert "flags" not in told


def test_what_nothing_can_satisfy_selects_no_id() -> None:
    assert sieve(parse_filter({"lang": {"$in": []}})) != {"must": []}
    assert sieve(None) is None
