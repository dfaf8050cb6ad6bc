"""Records: chunks come back exactly."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import IndexCorruptError, StoreError
from racto.stores.chroma.records import chunk_of, document_of, record_id, record_of
from racto.stores.chroma.tokens import TokenBook


@pytest.mark.parametrize("text", ["plain", "日本語 👩‍👩‍👧", "a\x00b", "half \udc00", ""])
def test_chunks_come_back_as_they_were(text: str) -> None:
    chunk = Chunk(
        content=text,
        chunk_id=f"id {text}",
        doc_id="d",
        metadata=ChunkMetadata(source="a.md", extra={"big": 10**40, "half": "\ud800"}),
    )
    metadata = {"record": record_of(chunk), **TokenBook().facts_of(chunk)}
    document = document_of(chunk)
    assert chunk_of(metadata, document, [1.0, 2.0]) == chunk
    # All of it travels as UTF-8.
    f"{record_id(chunk.chunk_id)} {metadata} {document}".encode()


def test_ids_are_kept_where_chroma_takes_them() -> None:
    assert record_id("doc:0-100") == "doc:0-100"
    hashed = [record_id(each) for each in ("", "\ud800", "\ud801", "x" * 257, record_id(""))]
    assert all(each.startswith("#sha256:") for each in hashed)
    assert len(set(hashed)) == 5


def test_metadata_that_cannot_be_kept_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="'c9'"):
        record_of(Chunk(content="", chunk_id="c9", metadata=ChunkMetadata(extra={"k": object()})))


@pytest.mark.parametrize(
    "metadata", [None, {}, {"record": 1}, {"record": "["}, {"record": "[99]"}, {"record": "{}"}]
)
def test_records_of_others_are_refused(metadata: Any) -> None:
    with pytest.raises(IndexCorruptError):
        chunk_of(metadata, None, None)
