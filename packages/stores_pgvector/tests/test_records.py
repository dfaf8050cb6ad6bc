"""Rows keep whole chunks, and refuse what they cannot keep."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import StoreError
from racto.core.testing.contracts.generators import METADATA
from racto.core.testing.contracts.samples import same
from racto.stores.pgvector.records import checked, chunk_of, row_of


def test_two_ids_of_a_document_are_kept_apart() -> None:
    chunk = Chunk(content="", chunk_id="c", doc_id="one", metadata=ChunkMetadata(doc_id="two"))
    assert chunk_of([*row_of(chunk)[1:], None]) == chunk


def test_fields_are_plain_values() -> None:
    metadata = ChunkMetadata(source=["a", "b"])  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"metadata\.source is a list"):
        row_of(Chunk(content="", metadata=metadata))


@given(METADATA, st.sampled_from(["", "d", "\ud800"]))
def test_metadata_comes_back(extra: dict[str, Any], doc_id: str) -> None:
    metadata = ChunkMetadata(source="s", page=3, doc_id="d", extra=extra)
    chunk = Chunk(content="", chunk_id="c", doc_id=doc_id, metadata=metadata)
    found = chunk_of([*row_of(chunk)[1:], None])
    assert same(dict(found.metadata.extra), dict(extra))
    assert (found.doc_id, found.metadata.page, found.metadata.doc_id) == (doc_id, 3, "d")


def test_facts_that_are_called_like_fields_come_back() -> None:
    extra: dict[str, Any] = {
        "page": 7,
        "section": None,
        "extra": 1,
        "chunk_doc_id": "x",
        "metadata": {},
    }
    chunk = Chunk(content="", chunk_id="c", metadata=ChunkMetadata(extra=extra))
    row = row_of(chunk)
    assert chunk_of([*row[1:], None]) == chunk
    assert "page" not in json.loads(row.metadata)
    assert json.loads(row.metadata)["chunk_doc_id"] == "x"


@pytest.mark.parametrize(
    ("chunk", "is_lossless"),
    [
        (Chunk(content="", metadata=ChunkMetadata(page=1, extra={"a": 1, "b": None})), True),
        (Chunk(content="", metadata=ChunkMetadata(extra={"a": [1.5, {"b": "ä"}]})), True),
        (Chunk(content="", metadata=ChunkMetadata(extra={"a": 1.0})), False),
        (Chunk(content="", metadata=ChunkMetadata(extra={"a": "\x00"})), False),
        (Chunk(content="", metadata=ChunkMetadata(extra={"a": "\x01"})), False),
        (Chunk(content="", doc_id="other"), False),
    ],
)
def test_metadata_is_kept_once_where_that_is_enough(chunk: Chunk, is_lossless: bool) -> None:
    row = row_of(chunk)
    assert (row.record is None) is is_lossless
    assert chunk_of([*row[1:], None]) == chunk


@pytest.mark.parametrize(
    ("extra", "field"),
    [({"a": 10**5000}, 0), ({}, 10**5000), ({"a": {1}}, 0), ({1: 1}, 0)],
    ids=["fact", "field", "set", "key"],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_sent(
    extra: dict[Any, Any], field: int
) -> None:
    metadata = ChunkMetadata(chunk_index=field, extra=extra)
    with pytest.raises(StoreError, match="'bad'"):
        checked(Chunk(content="", chunk_id="bad", metadata=metadata))
