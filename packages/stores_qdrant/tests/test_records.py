"""Records: chunks come back exactly, and ids follow from them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import IndexCorruptError, StoreError
from racto.stores.qdrant.facts import FactBook
from racto.stores.qdrant.records import chunk_of, payload_of, point_id, record_of


@pytest.mark.parametrize("text", ["plain", "日本語 👩‍👩‍👧", "a\x00b", "half \udc00", ""])
def test_chunks_come_back_as_they_were(text: str) -> None:
    chunk = Chunk(
        content=text,
        chunk_id=f"id {text}",
        doc_id="d",
        metadata=ChunkMetadata(source="a.md", extra={"big": 10**40, "half": "\ud800"}),
    )
    payload = payload_of(chunk, record_of(chunk), FactBook())
    assert chunk_of(payload, [1.0, 2.0]) == chunk
    # All of it travels as UTF-8.
    str(payload).encode()


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_ids_are_uuids_of_version_5(chunk_id: str) -> None:
    told = point_id(chunk_id)
    found = uuid.UUID(told)
    assert (str(found), found.version, found.variant) == (told, 5, uuid.RFC_4122)
    try:
        chunk_id.encode()
    except UnicodeEncodeError:
        return
    namespace = uuid.UUID("c2b7f5a0-6b43-5d4f-9a53-0a6f6f1b7d11")
    assert found == uuid.uuid5(namespace, chunk_id)


def test_ids_of_halves_differ() -> None:
    assert point_id("\ud800") != point_id("\ud801")


def test_metadata_that_cannot_be_kept_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="'c9'"):
        record_of(Chunk(content="", chunk_id="c9", metadata=ChunkMetadata(extra={"k": object()})))


@pytest.mark.parametrize(
    "payload", [None, {}, {"record": 1}, {"record": "["}, {"record": "[99]"}, {"record": "{}"}]
)
def test_points_of_others_are_refused(payload: Any) -> None:
    with pytest.raises(IndexCorruptError):
        chunk_of(payload, None)
