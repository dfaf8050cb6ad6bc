"""Pinecone's filters let through at least what racto's do, and what they can say exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import FACTS, FILTERS
from racto.stores.pinecone.fields import FieldMaker
from racto.stores.pinecone.filters import translated
from racto.testing.pinecone.filters import compiled
from racto.testing.pinecone.metadata import kept


def is_let_through(filters: Mapping[str, Any], extra: Mapping[str, Any]) -> tuple[bool, bool]:
    chunk = Chunk(content="", metadata=ChunkMetadata(source="a.md", page=3, extra=extra))
    tree = parse_filter(filters)
    condition = translated(tree).condition
    stored = kept(FieldMaker().fields_of(chunk)[0], "id") or {}
    engine = condition is None or compiled(condition)(stored)
    return engine, matches(tree, lookup_of(chunk))


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(filters=FILTERS, extra=FACTS)
def test_nothing_wanted_is_left_out(filters: dict[str, Any], extra: dict[str, Any]) -> None:
    engine, reference = is_let_through(filters, extra)
    assert engine or not reference


EXACT: list[dict[str, Any]] = [
    {"lang": "en"}, {"level": 2}, {"level": {"$gte": 2, "$lt": 4}}, {"ok": True},
    {"lang": {"$in": ["en", "de"]}}, {"tags": "b"}, {"page": 3}, {"nowhere": {"$exists": True}},
    {"lang": {"$exists": False}}, {"$or": [{"lang": "de"}, {"level": {"$gt": 1}}]},
    {"deep.level": 1}, {"ok": {"$in": [True, "x", 1]}}, {"$not": {"lang": {"$exists": False}}},
]  # fmt: skip
FACTS_TO_TRY: list[dict[str, Any]] = [
    {}, {"lang": "en"}, {"lang": "de", "level": 2}, {"level": 4, "ok": True}, {"tags": ["a", "b"]},
    {"ok": False, "deep": {"level": 1}},
]  # fmt: skip


@pytest.mark.parametrize("filters", EXACT, ids=str)
def test_what_pinecone_can_say_is_exact(filters: dict[str, Any]) -> None:
    assert not translated(parse_filter(filters)).is_loose
    for extra in FACTS_TO_TRY:
        engine, reference = is_let_through(filters, extra)
        assert engine == reference, extra


@pytest.mark.parametrize(
    "filters",
    [{"lang": {"$ne": "en"}}, {"lang": {"$gt": "a"}}, {"n": {"$gt": 2**60}}, {"$not": {"n": 1}}],
    ids=str,
)
def test_what_it_cannot_say_is_loose(filters: dict[str, Any]) -> None:
    assert translated(parse_filter(filters)).is_loose


def test_what_pinecone_cannot_hold_is_named() -> None:
    extra = {"none": None, "big": 2**60, "mixed": ["a", 1], "nul": "a\x00", "x" * 200: "y" * 2000}
    chunk = Chunk(content="", metadata=ChunkMetadata(extra=extra))
    assert FieldMaker().fields_of(chunk)[0]["_others"] == sorted(extra)


def test_too_many_keys_are_all_suspected() -> None:
    extra = {f"key{number}": "value" * 20 for number in range(500)}
    chunk = Chunk(content="", metadata=ChunkMetadata(source="a", extra=extra))
    fields, size = FieldMaker().fields_of(chunk)
    assert fields["_others"] == ["*"]
    assert len(str(fields)) < size < 16_000
    engine, reference = is_let_through({"key499": "value" * 20}, extra)
    assert (engine, reference) == (True, True)


def test_chunks_that_share_their_metadata_do_not_share_its_fields() -> None:
    maker, extra = FieldMaker(), {"lang": "en", "tags": ["a"], "none": None}
    one, two = (
        maker.fields_of(Chunk(content="", metadata=ChunkMetadata(page=page, extra=extra)))[0]
        for page in (1, 2)
    )
    one["x.lang"] = "de"
    assert (two["page"], two["x.lang"], two["x.tags"]) == (2, "en", ["a"])
    assert two["_others"] == ["none"]


def test_long_names_of_documents_leave_the_limit_alone() -> None:
    metadata = ChunkMetadata(source='"' * 1024, section="\x01" * 1024, doc_id="\x02" * 1024)
    fields, size = FieldMaker().fields_of(Chunk(content="", metadata=metadata))
    assert fields == {"_others": ["*"]}
    assert size == 12_000
