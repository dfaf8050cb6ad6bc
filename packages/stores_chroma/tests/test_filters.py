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
    EDGE_KEYS,
    EDGE_TIMES as TIMES,
)
from racto.stores.chroma import ChromaStore
from racto.stores.chroma.filters import Where, bounds, sieve
from racto.stores.chroma.tokens import TokenBook, column, value_token


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
    metadata = TokenBook().facts_of(stored)
    # Chroma merges metadata: columns of what the chunk was before are still there.
    stale = {column(key): 1.0 for key in EDGE_KEYS}
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
    metadata = TokenBook().facts_of(stored)
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


def test_chroma_takes_any_key_in_any_condition() -> None:
    store = ChromaStore()
    facts: list[dict[str, Any]] = [
        {key: value} for key in EDGE_KEYS for value in (1, 2**53 + 1, "a", [1, "\ud800"])
    ]
    chunks = [chunk(extra, str(at)) for at, extra in enumerate(facts)]
    store.add(chunks)
    conditions: list[dict[str, Any]] = [
        {"$gt": 0}, {"$ne": "\ud800"}, {"$in": [1, "a", None]}, {"$not": {"$lte": 2**53}},
    ]  # fmt: skip
    for case in ({key: condition} for key in EDGE_KEYS for condition in conditions):
        tree = parse_filter(case)
        wanted = {each.chunk_id for each in chunks if matches(tree, lookup_of(each))}
        found = {result.chunk.chunk_id for result in store.search([1.0], 100, case)}
        assert found == wanted, case
    store.close()
