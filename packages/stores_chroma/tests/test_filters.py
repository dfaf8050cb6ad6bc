"""Filters: both bounds hold for whatever is stored, and keys and values stay data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.stores.chroma import ChromaStore
from racto.stores.chroma.filters import Where, bounds, sieve
from racto.stores.chroma.records import record_of
from racto.stores.chroma.tokens import column, value_token

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


def chunk(extra: dict[str, Any], name: str = "c") -> Chunk:
    return Chunk(content="", chunk_id=name, embedding=[1.0], metadata=ChunkMetadata(extra=extra))


def engine_says(where: Where, metadata: dict[str, Any], stale: dict[str, float]) -> bool:
    """What Chroma decides by its documented rules, beside columns of an older version."""
    if isinstance(where, bool):
        return where
    ((key, inner),) = where.items()
    if key in ("$and", "$or"):
        assert len(inner) > 1
        decide = all if key == "$and" else any
        return bool(decide(engine_says(each, metadata, stale) for each in inner))
    ((op, value),) = inner.items()
    if key == "facts":
        return (value in metadata["facts"]) is (op == "$contains")
    stored = {**stale, **metadata}.get(key)
    if stored is None:
        return bool(op == "$ne")
    tests = {"$gt": "__gt__", "$gte": "__ge__", "$lt": "__lt__", "$lte": "__le__", "$eq": "__eq__"}
    return bool(stored != value if op == "$ne" else getattr(stored, tests[op])(value))


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
    metadata = record_of(stored, 1).metadata
    # Chroma merges metadata: columns of what the chunk was before are still there.
    stale = {column(key): 1.0 for key in KEYS}
    truth = matches(tree, lookup_of(stored))
    assert engine_says(lower, metadata, stale) <= truth <= engine_says(upper, metadata, stale)


@pytest.mark.parametrize(
    "filters",
    [
        {"lang": "en"}, {"page": {"$gte": 3, "$lt": 5}}, {"ok": True}, {"lang": None},
        {"lang": {"$in": ["en", 1, None]}}, {"lang": {"$nin": ["en"]}}, {"lang": {"$exists": False}},
        {"day": DAYS[0]}, {"at": TIMES[1]}, {"$not": {"$or": [{"a": 1}, {"b.c": "x"}]}},
    ],
)  # fmt: skip
def test_common_filters_are_decided_by_chroma_alone(filters: dict[str, Any]) -> None:
    tree = parse_filter(filters)
    assert tree is not None
    lower, upper = bounds(tree)
    stored = chunk({"lang": "en", "ok": True, "day": DAYS[1], "at": TIMES[2], "b": {"c": "y"}})
    metadata = record_of(stored, 1).metadata
    assert engine_says(lower, metadata, {}) == engine_says(upper, metadata, {})


def test_a_name_cannot_pass_for_another_and_its_value() -> None:
    one = value_token("a", "b\x1f=c")
    assert one != value_token("a\x1f=b", "c")
    assert value_token("a", 1) == value_token("a", 1.0) != value_token("a", True)
    assert value_token("a", float("nan")) is None


def test_chroma_itself_decides_so() -> None:
    store = ChromaStore()
    facts: list[dict[str, Any]] = [
        {"n": 1},
        {"n": 2.5},
        {"n": True},
        {"n": [1, 9]},
        {"n": "1"},
        {"n": None},
        {},
    ]
    # Each chunk once had a number, whose column Chroma keeps.
    for version in ([{"n": 5}] * len(facts), facts):
        store.add([chunk(extra, str(at)) for at, extra in enumerate(version)])
    cases: list[dict[str, Any]] = [
        {"n": 1}, {"n": {"$ne": 1}}, {"n": {"$gt": 1}}, {"n": {"$not": {"$gt": 1}}}, {"n": 5},
        {"n": {"$exists": False}}, {"n": None}, {"n": {"$in": [1, "1"]}}, {"n": {"$gt": "0"}},
    ]  # fmt: skip
    for case in cases:
        tree = parse_filter(case)
        wanted = {str(at) for at, each in enumerate(facts) if matches(tree, lookup_of(chunk(each)))}
        found = {result.chunk.chunk_id for result in store.search([1.0], 10, case)}
        assert found == wanted, case
    store.close()


def test_what_nothing_can_satisfy_is_not_asked() -> None:
    assert sieve(parse_filter({"lang": {"$in": []}})) is False
    assert sieve(None) is True
