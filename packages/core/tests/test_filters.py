"""Filters: what is refused, with its path, and what every operator means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, ChunkMetadata, FilterError, matches, parse_filter
from racto.core.filters import ABSENT, MAX_CONDITIONS, MAX_DEPTH, And, fields_of, find, lookup_of


def found(given_filter: Mapping[str, Any] | None, values: Mapping[str, Any]) -> bool:
    return matches(parse_filter(given_filter), lambda key: find(values, key))


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([0.0, 1.0, -1.5, float("nan"), float("inf")]),
    st.sampled_from(["", "a", "b", "1"]),
    st.dates(date(2020, 1, 1), date(2020, 1, 2)),
    st.sampled_from([datetime(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC)]),
)
values = st.dictionaries(
    st.sampled_from("xyz"), scalars | st.lists(scalars, max_size=3), max_size=3
)
keys = st.sampled_from("xyz")
orders = st.sampled_from(["$gt", "$gte", "$lt", "$lte"])
comparable = scalars.filter(lambda one: one is not None and not isinstance(one, bool))
operators = st.one_of(
    st.tuples(st.sampled_from(["$eq", "$ne"]), scalars | st.lists(scalars, max_size=2)),
    st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(scalars, max_size=3)),
    st.tuples(orders, comparable),
    st.tuples(st.just("$exists"), st.booleans()),
)
conditions = st.builds(lambda key, pair: {key: {pair[0]: pair[1]}}, keys, operators)
filters = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(lambda part: {"$not": part}, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"$and": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"$or": parts}),
    ),
    max_leaves=6,
)


@given(filters, values)
def test_twice_not_is_nothing(one: dict[str, Any], stored: dict[str, Any]) -> None:
    assert found({"$not": {"$not": one}}, stored) == found(one, stored)
    assert found({"$not": one}, stored) != found(one, stored)


@given(filters, filters, values)
def test_de_morgan(one: dict[str, Any], two: dict[str, Any], stored: dict[str, Any]) -> None:
    neither = {"$not": {"$or": [one, two]}}
    assert found(neither, stored) == found({"$and": [{"$not": one}, {"$not": two}]}, stored)
    not_both = {"$not": {"$and": [one, two]}}
    assert found(not_both, stored) == found({"$or": [{"$not": one}, {"$not": two}]}, stored)


@given(keys, st.lists(scalars, min_size=1, max_size=4), values)
def test_in_is_an_or_of_equals(key: str, choices: list[Any], stored: dict[str, Any]) -> None:
    either = {"$or": [{key: {"$eq": choice}} for choice in choices]}
    assert found({key: {"$in": choices}}, stored) == found(either, stored)


@given(keys, scalars | st.lists(scalars, max_size=2), values)
def test_a_plain_value_is_an_equality_and_ne_its_opposite(
    key: str, value: Any, stored: dict[str, Any]
) -> None:
    assert found({key: value}, stored) == found({key: {"$eq": value}}, stored)
    assert found({key: {"$ne": value}}, stored) != found({key: value}, stored)
    assert found({key: {"$not": {"$eq": value}}}, stored) == found({key: {"$ne": value}}, stored)


@given(keys, comparable, scalars)
def test_order_and_equality_agree(key: str, bound: Any, value: Any) -> None:
    stored = {key: value}
    at_least = found({key: {"$gte": bound}}, stored)
    above_or_equal = found({"$or": [{key: {"$gt": bound}}, {key: bound}]}, stored)
    assert at_least == above_or_equal
    # Both ways at once is possible for no scalar.
    assert not found({key: {"$gt": bound, "$lt": bound}}, stored)


@given(st.dictionaries(keys, scalars, min_size=1), values)
def test_a_mapping_asks_for_all_its_entries(one: dict[str, Any], stored: dict[str, Any]) -> None:
    assert found(one, stored) == all(found({key: value}, stored) for key, value in one.items())


MEANING = [
    ({"a": 1}, {"a": 1}, True),
    ({"a": 1}, {"a": 1.0}, True),
    ({"a": 1}, {"a": True}, False),
    ({"a": True}, {"a": 1}, False),
    ({"a": 0}, {"a": False}, False),
    ({"a": {"$gt": 0}}, {"a": True}, False),
    ({"a": "1"}, {"a": 1}, False),
    ({"a": {"$gt": "1"}}, {"a": 2}, False),
    ({"a": None}, {"a": None}, True),
    ({"a": None}, {}, False),
    ({"a": {"$ne": None}}, {}, True),
    ({"a": {"$exists": True}}, {"a": None}, True),
    ({"a": {"$exists": False}}, {"a": None}, False),
    ({"a": {"$exists": False}}, {}, True),
    ({"a": {"$ne": 1}}, {}, True),
    ({"a": {"$nin": [1]}}, {}, True),
    ({"a": {"$not": {"$gt": 1}}}, {}, True),
    ({"a": {"$in": []}}, {"a": 1}, False),
    ({"a": {"$nin": []}}, {}, True),
    ({"a": float("nan")}, {"a": float("nan")}, False),
    ({"a": {"$ne": float("nan")}}, {"a": float("nan")}, True),
    ({"a": {"$gte": 0}}, {"a": float("nan")}, False),
    ({"a": 2}, {"a": [1, 2]}, True),
    ({"a": {"$gt": 1}}, {"a": [1, 2]}, True),
    ({"a": {"$ne": 2}}, {"a": [1, 2]}, False),
    ({"a": {"$in": [3, 2]}}, {"a": [1, 2]}, True),
    ({"a": [1, 2]}, {"a": [1, 2]}, True),
    ({"a": [1, 2]}, {"a": (1, 2)}, True),
    ({"a": [2, 1]}, {"a": [1, 2]}, False),
    ({"a": [True]}, {"a": [1]}, False),
    ({"a": []}, {"a": []}, True),
    ({"a": 1}, {"a": []}, False),
    ({"a": {"$gte": date(2020, 1, 1)}}, {"a": date(2020, 1, 2)}, True),
    ({"a": date(2020, 1, 1)}, {"a": datetime(2020, 1, 1)}, False),
    ({"a": {"$lt": datetime(2021, 1, 1)}}, {"a": datetime(2020, 1, 1, tzinfo=UTC)}, False),
    ({"a": {"$gt": 1}}, {"a": {"b": 2}}, False),
    ({"a.b": 2}, {"a": {"b": 2}}, True),
    ({"a.b": 2}, {"a.b": 2}, True),
    ({"a.b": 2}, {"a.b": 3, "a": {"b": 2}}, False),
    ({"a.b.c": 2}, {"a.b": {"c": 2}}, True),
    ({"a.b.c": 2}, {"a": {"x": 1}, "a.b": {"c": 2}}, True),
    ({"a.b": {"$exists": True}}, {"a": 1}, False),
    ({"a": {"$gte": 1, "$lt": 3}}, {"a": 3}, False),
    ({"lang": "en", "$or": [{"a": 1}, {"a": 2}]}, {"lang": "en", "a": 2}, True),
    (None, {}, True),
    ({}, {"a": 1}, True),
]


@pytest.mark.parametrize(("given_filter", "stored", "wanted"), MEANING)
def test_meaning(given_filter: dict[str, Any] | None, stored: dict[str, Any], wanted: bool) -> None:
    assert found(given_filter, stored) is wanted


def nested(depth: int) -> dict[str, Any]:
    one: dict[str, Any] = {"a": 1}
    for _ in range(depth):
        one = {"$not": one}
    return one


def looped() -> dict[str, Any]:
    one: dict[str, Any] = {}
    one["$and"] = [one]
    return one


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "filter: expected a mapping, got list"),
        ("a=1", "filter: expected a mapping, got str"),
        (False, "filter: expected a mapping, got bool"),
        ({"": 1}, "filter: keys are non-empty strings"),
        ({1: 1}, "filter: keys are non-empty strings"),
        ({"k" * 300: 1}, "filter: a key has more than 256 characters"),
        ({"$where": "x"}, r"filter\.\$where: unknown operator; at this place only"),
        ({"$gt": 1}, r"filter\.\$gt: unknown operator; at this place only"),
        ({"a": {"$regex": "x"}}, r"filter\.a\.\$regex: unknown operator; known are"),
        ({"a": {"b": 1}}, r"filter\.a\.b: unknown operator"),
        ({"a": {}}, r"filter\.a: expected a value or operators, got an empty mapping"),
        ({"$and": []}, r"filter\.\$and: expected a non-empty list"),
        ({"$or": {"a": 1}}, r"filter\.\$or: expected a non-empty list"),
        ({"$and": [{"a": 1}, {}]}, r"filter\.\$and\[1\]: an empty filter"),
        ({"$or": [1]}, r"filter\.\$or\[0\]: expected a mapping, got int"),
        ({"$not": [{"a": 1}]}, r"filter\.\$not: expected a mapping, got list"),
        ({"$not": {}}, r"filter\.\$not: an empty filter"),
        ({"a": {"$in": "abc"}}, r"filter\.a\.\$in: expected a list of values, got 'abc'"),
        ({"a": {"$in": [[1]]}}, r"filter\.a\.\$in: a list cannot be compared"),
        ({"a": {"$gt": None}}, r"filter\.a\.\$gt: expected a number, string or date, got None"),
        ({"a": {"$gt": True}}, r"filter\.a\.\$gt: expected a number, string or date, got True"),
        ({"a": {"$exists": 1}}, r"filter\.a\.\$exists: expected true or false, got 1"),
        ({"a": object()}, r"filter\.a: a object cannot be compared"),
        ({"a": [{"b": 1}]}, r"filter\.a: a dict cannot be compared"),
        ({"$or": [{"a": 1}, {"b": {"$lt": []}}]}, r"filter\.\$or\[1\]\.b\.\$lt: expected"),
        (nested(MAX_DEPTH + 1), f"nested deeper than {MAX_DEPTH} levels"),
        (nested(100_000), f"nested deeper than {MAX_DEPTH} levels"),
        (looped(), f"nested deeper than {MAX_DEPTH} levels"),
        ({"a": {"$not": {"$not": nested(100_000)}}}, "unknown operator|nested deeper"),
        ({"a": {"$in": nested(100_000)}}, r"filter\.a\.\$in: expected a list of values"),
        ({"a": {"$gt": nested(100_000)}}, r"filter\.a\.\$gt: expected"),
        ({"$and": [{"a": 1}] * (MAX_CONDITIONS + 1)}, f"more than {MAX_CONDITIONS} conditions"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_malformed_filters_are_refused_with_their_path(wrong: Any, message: str) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        parse_filter(wrong)
    assert len(str(caught.value)) < 1000


def test_a_tree_of_shared_parts_does_not_explode() -> None:
    one: dict[str, Any] = {"a": 1}
    for _ in range(MAX_DEPTH):
        one = {"$or": [one, one, one]}
    with pytest.raises(FilterError, match="more than"):
        parse_filter(one)


@pytest.mark.parametrize("within", [nested(MAX_DEPTH), {"$and": [{"a": 1}] * MAX_CONDITIONS}])
def test_what_is_within_the_limits_parses_and_matches(within: dict[str, Any]) -> None:
    assert found(within, {"a": 1})


def test_one_condition_is_no_list_of_conditions() -> None:
    assert not isinstance(parse_filter({"a": 1}), And)
    assert parse_filter({"$and": [{"a": 1}]}) == parse_filter({"a": 1})
    assert parse_filter({"a": 1}) == parse_filter({"a": {"$eq": 1}})


def test_the_keys_that_a_filter_asks_about() -> None:
    one = parse_filter({"a": 1, "$or": [{"b.c": {"$gt": 1}}, {"$not": {"d": {"$ne": 2}}}]})
    assert fields_of(one) == {"a", "b.c", "d"}
    assert fields_of(None) == frozenset()


def test_a_chunk_is_seen_by_its_fields_then_its_extra() -> None:
    metadata = ChunkMetadata(
        source="a.pdf", doc_id="d", extra={"source": "hidden", "lang": "en", "n": {"deep": [1]}}
    )
    lookup = lookup_of(Chunk(content="x", metadata=metadata))
    assert lookup("source") == "a.pdf"
    assert lookup("chunk_index") == 0
    assert lookup("lang") == "en"
    assert lookup("n.deep") == [1]
    assert lookup("page") is ABSENT
    assert lookup("section") is ABSENT
    assert lookup("extra") is ABSENT
    assert matches(parse_filter({"page": {"$exists": False}, "n.deep": 1}), lookup)


def test_metadata_nested_as_deep_as_json_goes_does_not_overflow() -> None:
    stored: dict[str, Any] = {"a": 1}
    for _ in range(127):
        stored = {"a": stored}
    assert found({".".join("a" * 128): 1}, stored)
