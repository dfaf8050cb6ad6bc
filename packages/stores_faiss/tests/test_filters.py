"""Filters over columns find what the reference evaluator finds, row by row."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import FACTS, FILTERS, examples
from racto.stores.faiss.filters import satisfying
from racto.stores.faiss.records import Records


def verdicts(chunks: list[Chunk], filters: dict[str, Any]) -> tuple[list[bool], list[bool]]:
    tree = parse_filter(filters)
    assert tree is not None
    found = satisfying(tree, Records.of(chunks)).tolist()
    return found, [matches(tree, lookup_of(chunk)) for chunk in chunks]


@examples(200)
@given(facts=st.lists(FACTS, min_size=1, max_size=8), filters=FILTERS)
def test_filters_mean_what_the_evaluator_says(
    facts: list[dict[str, Any]], filters: dict[str, Any]
) -> None:
    chunks = [
        Chunk(content="", metadata=ChunkMetadata(extra=extra, page=index % 3 or None))
        for index, extra in enumerate(facts)
    ]
    found, wanted = verdicts(chunks, filters)
    assert found == wanted


def test_positions_are_compared_as_numbers() -> None:
    chunks = [
        Chunk(content="", metadata=ChunkMetadata(chunk_index=index // 2, start_char=index))
        for index in range(6)
    ]
    for filters in (
        {"chunk_index": 1},
        {"chunk_index": {"$in": [0, 2.0, "1"]}},
        {"start_char": {"$gt": 1, "$lte": 4}},
        {"$or": [{"end_char": 1}, {"$not": {"chunk_index": True}}]},
    ):
        found, wanted = verdicts(chunks, filters)
        assert found == wanted


def test_one_and_true_are_not_the_same() -> None:
    values: list[Any] = [1, True, 1.0, "1", [1], {"a": 1}]
    chunks = [Chunk(content="", metadata=ChunkMetadata(extra={"v": value})) for value in values]
    assert verdicts(chunks, {"v": 1})[0] == [True, False, True, False, True, False]
    assert verdicts(chunks, {"v": True})[0] == [False, True, False, False, False, False]
