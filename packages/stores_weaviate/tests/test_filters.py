"""Weaviate's filters let through at least what racto's do, and what they can say exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from weaviate.collections.filters import _FilterToGRPC

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import FACTS, FILTERS
from racto.stores.weaviate.filters import translated
from racto.stores.weaviate.tokens import MOST, TokenMaker, equality, numbers_of
from racto.testing.weaviate.classes import StoredClass, StoredObject
from racto.testing.weaviate.filters import satisfies

OWNER = StoredClass(
    {
        "class": "RactoChunk",
        "properties": [
            {"name": "tokens", "dataType": ["text[]"]},
            *({"name": name, "dataType": ["int"]} for name in ("page", "chunk_index")),
        ],
        "vectorConfig": {"default": {"vectorizer": {"none": {}}}},
    }
)


def is_let_through(filters: dict[str, Any], chunk: Chunk) -> tuple[bool, bool]:
    tree = parse_filter(filters)
    condition = translated(tree).condition
    properties = {"tokens": TokenMaker().tokens_of(chunk), **numbers_of(chunk)}
    stored = StoredObject(uuid="", properties=properties, vector=())
    engine = condition is None or satisfies(_FilterToGRPC.convert(condition), stored, OWNER)
    return engine, matches(tree, lookup_of(chunk))


def of(extra: dict[str, Any], page: Any = 3) -> Chunk:
    return Chunk(content="", metadata=ChunkMetadata(source="a.md", page=page, extra=extra))


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(filters=FILTERS, extra=FACTS)
def test_nothing_wanted_is_left_out(filters: dict[str, Any], extra: dict[str, Any]) -> None:
    engine, reference = is_let_through(filters, of(extra))
    assert engine or not reference


EXACT: list[dict[str, Any]] = [
    {"lang": "en"}, {"level": 2}, {"ok": True}, {"none": None}, {"tags": ["a", 1]}, {"tags": 1},
    {"lang": {"$in": ["en", None, 4, True]}}, {"page": {"$gt": 2.5}}, {"page": {"$lte": 2.5}},
    {"nowhere": {"$exists": True}}, {"deep.level": 1}, {"day": date(2026, 1, 31)},
    {"$or": [{"lang": "de"}, {"level": 2}]}, {"big": 10**30}, {"big": 10**30 + 1},
]  # fmt: skip
FACTS_TO_TRY: list[dict[str, Any]] = [
    {}, {"lang": "en"}, {"lang": "de", "level": 2.0}, {"level": 4, "ok": True}, {"none": None},
    {"tags": ["a", 1]}, {"ok": 1, "deep": {"level": 1}}, {"day": date(2026, 1, 31)},
    {"day": "2026-01-31"}, {"big": 10**30}, {"lang": None}, {"lang": True},
]  # fmt: skip


@pytest.mark.parametrize("filters", EXACT, ids=str)
def test_what_weaviate_can_say_is_exact(filters: dict[str, Any]) -> None:
    assert not translated(parse_filter(filters)).is_loose
    for extra in FACTS_TO_TRY:
        engine, reference = is_let_through(filters, of(extra))
        assert engine == reference, extra


def test_too_many_values_and_huge_pages_are_let_through() -> None:
    many = of({f"key{number}": number for number in range(MOST)})
    assert is_let_through({"key7": 7}, many) == (True, True)
    assert is_let_through({"page": {"$gt": 10}}, of({}, page=10**20)) == (True, True)


def test_moments_are_equal_in_every_zone() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=2)))
    assert equality("k", noon) == equality("k", east)
    assert equality("k", noon) != equality("k", noon.replace(tzinfo=None))


def test_kinds_keys_and_borders_are_kept_apart() -> None:
    values: list[Any] = [1, True, "1", None, "None", "n1", [1], ["1"], date(2026, 1, 31), "", []]
    assert len({equality("k", value) for value in values}) == len(values)
    assert equality("ab", "c") != equality("a", "bc")
    assert equality("k", float("nan")) is None
    assert equality("k", 2) == equality("k", 2.0)
