"""Conditions decide in the server as the reference evaluator does, kinds and absences included."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from racto.core import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import FACTS, FILTERS
from racto.stores.pgvector import PGVectorStore
from racto.stores.pgvector.filters import condition

Maker = Callable[..., PGVectorStore]

_EAST = timezone(timedelta(hours=2))
_AWKWARD: list[Any] = [
    "", "a", "B", "b", "ä", "\x00", "\x01", "\x02", "\ud800", "\ue000", "\U0001f600", "d2026-01-31",
    0, 1, -1, 1.0, 0.1, 0.5, 2**53, 2**53 + 1, float(2**53), 1e23, 10**23, 10**400, 5e-324,
    math.inf, -math.inf, math.nan, True, False, None,
    date(2026, 1, 31), date(2026, 2, 1), datetime(2026, 1, 31), datetime(2026, 1, 31, 12),
    datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 1, 31, 14, tzinfo=_EAST),
]  # fmt: skip
_STORED = st.one_of(
    st.sampled_from(_AWKWARD),
    st.lists(
        st.one_of(st.sampled_from(_AWKWARD), st.lists(st.sampled_from(_AWKWARD), max_size=2)),
        max_size=3,
    ),
    st.fixed_dictionaries({"x": st.sampled_from(_AWKWARD)}),
)
_ORDERED = [value for value in _AWKWARD if value is not None and not isinstance(value, bool)]
_ASKED = st.one_of(
    st.fixed_dictionaries(
        {
            "$eq": st.one_of(
                st.sampled_from(_AWKWARD), st.lists(st.sampled_from(_AWKWARD), max_size=2)
            )
        }
    ),
    st.fixed_dictionaries({"$in": st.lists(st.sampled_from(_AWKWARD), max_size=3)}),
    *[
        st.fixed_dictionaries({sign: st.sampled_from(_ORDERED)})
        for sign in ("$gt", "$gte", "$lt", "$lte")
    ],
)


def chunk(number: int, extra: dict[str, Any], page: int | None = None) -> Chunk:
    metadata = ChunkMetadata(
        source=f"{number % 2}.md", page=page, chunk_index=number, doc_id="d" * number, extra=extra
    )
    return Chunk(content="", chunk_id=str(number), embedding=[1.0, number], metadata=metadata)


def disagreement(store: PGVectorStore, chunks: list[Chunk], wanted: dict[str, Any]) -> Any:
    tree = parse_filter(wanted)
    right = [c.chunk_id for c in chunks if matches(tree, lookup_of(c))]
    found = [c.chunk_id for page in store.scan(1000, wanted) for c in page]
    return None if sorted(found) == sorted(right) else (wanted, found, right)


@pytest.fixture
def store(make_store: Maker) -> PGVectorStore:
    return make_store(dimension=2)


_quick = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_quick
@given(
    stored=st.lists(_STORED, min_size=1, max_size=8), asked=st.lists(_ASKED, min_size=4, max_size=8)
)
def test_awkward_values(store: PGVectorStore, stored: list[Any], asked: list[Any]) -> None:
    store.clear()
    chunks = [chunk(number, {"k": value}) for number, value in enumerate(stored)]
    store.add(chunks)
    for test in asked:
        for wanted in ({"k": test}, {"k": {"$not": test}}, {"k.x": test}):
            assert disagreement(store, chunks, wanted) is None


def test_every_value_against_every_value(store: PGVectorStore) -> None:
    chunks = [chunk(number, {"k": value}) for number, value in enumerate([*_AWKWARD, [], [[1]]])]
    store.add(chunks)
    wrong = [
        disagreement(store, chunks, {"k": {sign: value}})
        for value in _ORDERED
        for sign in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
    ]
    assert [found for found in wrong if found] == []


@_quick
@given(
    facts=st.lists(st.tuples(FACTS, st.sampled_from([None, 1, 3])), max_size=8),
    asked=st.lists(FILTERS, min_size=4, max_size=8),
)
def test_generated_filters(
    store: PGVectorStore,
    facts: list[tuple[dict[str, Any], int | None]],
    asked: list[dict[str, Any]],
) -> None:
    store.clear()
    chunks = [chunk(number, extra, page) for number, (extra, page) in enumerate(facts)]
    store.add(chunks)
    for wanted in asked:
        assert disagreement(store, chunks, wanted) is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"source": "1.md"}, {"source": {"$ne": "1.md"}}, {"doc_id": {"$in": ["d", "ddd", 1]}},
        {"page": None}, {"page": {"$exists": False}}, {"chunk_index": {"$gte": 2, "$lt": 4.5}},
        {"source": 1}, {"source": ["1.md"]}, {"section": {"$gt": ""}}, {"doc_id": {"$lte": "dd"}},
        {"doc_id": "d" * 250}, {"doc_id": "d" * 200}, {"page": {"$in": [True, 1.0]}},
        {"a.b.c": 1}, {"a.b.c": {"$exists": False}}, {"a..b": 1}, {".a": 1}, {"a.b.c.d.e.f.g": 1},
        {"$or": [{"a.b.c.d.e.f.g": 1}, {"a.b.c": 1}]}, {"a.b.c.d.e.f.g": 1, "source": "1.md"},
        {"source.x": 1}, {"$not": {"page.y": 1}}, {"source.x": {"$exists": False}},
        {"$not": {"a.b.c.d.e.f.g": 1}}, {"n": {"$lt": 10**5000}}, {"n": {"$ne": 10**5000}},
    ],
    ids=lambda wanted: repr(wanted)[:40] if "n" not in wanted else "huge",
)  # fmt: skip
def test_fields_paths_and_what_sql_cannot_say(store: PGVectorStore, wanted: dict[str, Any]) -> None:
    extras: list[dict[str, Any]] = [
        {"a": {"b": {"c": 1}}}, {"a.b": {"c": 1}, "a": {"b": {"c": 2}}}, {"a": {"b.c": 1}},
        {"a.b.c": None, "a": {"b": {"c": 1}}}, {"a": [{"b": {"c": 1}}]}, {"a.": {"b": 1}, "": {"a": 1}},
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}, "n": 1}, {"a": {"0": 1}},
        {"source": {"x": 1}, "page": {"y": 1}}, {"source.x": 1, "page": 7}, {"source": "1.md"},
    ]  # fmt: skip
    chunks = [chunk(n, extra, n % 3 or None) for n, extra in enumerate(extras)]
    chunks += [chunk(250, {}), chunk(200, {})]
    store.add(chunks)
    assert disagreement(store, chunks, wanted) is None
    # Before the nearest are chosen, too.
    right = [c.chunk_id for c in chunks if matches(parse_filter(wanted), lookup_of(c))]
    found = store.search([1.0, 0.0], 1, wanted)
    assert len(found) == min(1, len(right))


def test_nothing_of_a_filter_is_in_the_statement() -> None:
    hostile = "x') OR TRUE; --"
    tree = parse_filter({hostile: hostile, "source": hostile, "a.b": {"$gt": hostile}})
    assert hostile not in condition(tree).sql
