"""Expressions bound what a filter lets through, and hold nothing that a user wrote."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import FACTS, FILTERS, examples
from racto.stores.milvus.filters import Expression, bounds_of, with_overflow
from racto.stores.milvus.tokens import NUMBERS, place_of, tokens_of


def holds(expression: Expression, chunk: Chunk) -> bool:
    """What Milvus says, by Python's own evaluation of the same expression."""
    if isinstance(expression, bool):
        return expression
    columns = {name: getattr(chunk.metadata, name) or 0 for name in NUMBERS}
    words = {"tokens": tokens_of(chunk), "place": place_of(chunk)}
    python = re.sub(
        r'(\w+) like "% (\w+) %"', lambda word: str(word[2] in words[word[1]]), expression
    )
    return bool(eval(python, {"__builtins__": {}}, columns))


@examples(300)
@given(facts=FACTS, page=st.sampled_from([None, 0, 1, 3]), filters=FILTERS)
def test_a_match_is_between_the_bounds(
    facts: dict[str, Any], page: int | None, filters: dict[str, Any]
) -> None:
    tree = parse_filter(filters)
    chunk = Chunk(content="", metadata=ChunkMetadata(extra=facts, page=page))
    bounds, wanted = bounds_of(tree), matches(tree, lookup_of(chunk))
    if wanted:
        assert holds(bounds.upper, chunk)
    if holds(bounds.lower, chunk):
        assert wanted


@pytest.mark.parametrize("op", ["$eq", "$gt", "$gte", "$lt", "$lte"])
@pytest.mark.parametrize("value", [-1, 2, 2.0, 1.5, -0.5, 2.5, "2", 1e300, float("inf")])
def test_numbers_are_compared_exactly(op: str, value: Any) -> None:
    tree = parse_filter({"chunk_index": {op: value}})
    bounds = bounds_of(tree)
    for index in (-2, -1, 0, 1, 2, 3):
        chunk = Chunk(content="", metadata=ChunkMetadata(chunk_index=index))
        wanted = matches(tree, lookup_of(chunk))
        assert holds(bounds.upper, chunk) or not wanted
        if bounds.tight:
            assert holds(bounds.upper, chunk) is wanted
    assert bounds.tight or value in (1e300, float("inf"))


def test_equality_is_left_to_milvus() -> None:
    for filters in ({"lang": "en"}, {"$not": {"tags": ["a", "b"]}}, {"page": {"$exists": False}}):
        assert bounds_of(parse_filter(filters)).tight
    assert not bounds_of(parse_filter({"lang": {"$gt": "en"}})).tight
    assert bounds_of(None) == (True, True)


def test_what_nothing_satisfies_is_known_beforehand() -> None:
    assert bounds_of(parse_filter({"lang": {"$in": []}})).upper is False
    assert bounds_of(parse_filter({"page": "two"})).upper is False
    assert bounds_of(parse_filter({"lang": {"$nin": []}})).upper is True


@examples(100)
@given(key=st.text(min_size=1).filter(lambda key: not key.startswith("$")), value=st.text())
def test_expressions_hold_hashes_and_columns_only(key: str, value: str) -> None:
    tree = parse_filter({"$or": [{key: value}, {key: {"$gt": value}}, {"page": {"$lt": 3}}]})
    written = str(with_overflow(bounds_of(tree).upper))
    rest = re.sub(r'(tokens|place) like "% [0-9a-f]{16} %"', "", written)
    assert set(re.findall(r"[^\s\d()<>=-]+", rest)) <= {"or", "and", "not", *NUMBERS}


def test_chunks_with_too_many_facts_are_candidates() -> None:
    extra = {"tags": [str(number) for number in range(5000)]}
    chunk = Chunk(content="", metadata=ChunkMetadata(extra=extra))
    for filters in ({"tags": "17"}, {"$not": {"tags": "17"}}, {"lang": {"$exists": True}}):
        assert holds(with_overflow(bounds_of(parse_filter(filters)).upper), chunk)


def test_long_lists_are_not_deep() -> None:
    tree = parse_filter({"lang": {"$in": [str(number) for number in range(200)]}})
    depth = deepest = 0
    for character in str(bounds_of(tree).upper):
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    assert deepest < 12
    assert not bounds_of(parse_filter({"lang": {"$in": list(map(str, range(999)))}})).tight
    assert not bounds_of(parse_filter({"page": {"$in": list(range(999))}})).tight
