"""Chunks of one document are found by their positions, whoever gave them their ids."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import DocumentIndex, NeighbourRetriever, RactoRAG, RecursiveChunker
from racto.rag.index import SourceRecord
from racto.rag.retrieval import ChunkRange

TEXT = " ".join(f"Sentence number {number} of the story." for number in range(60))


def test_neighbours_come_from_the_index(tmp_path: Path) -> None:
    with DocumentIndex(tmp_path / "index", create=True) as index:
        assert isinstance(index, ChunkRange)
        rag = RactoRAG(
            DictStore(),
            HashEmbedder(64),
            index=index,
            processors=[],
            chunker=RecursiveChunker(100, 40),
            retriever=lambda found: NeighbourRetriever(found, index, window=1),
        )
        stored = rag.ingest_text(TEXT, source="story")
        rag.ingest_text("Another text.", source="other")
        doc_id = stored[0].doc_id
        found = index.chunks_of(doc_id, 2, 4)
        assert [chunk.content for chunk in found] == [chunk.content for chunk in stored[2:5]]
        assert asyncio.run(index.achunks_of(doc_id, 2, 4)) == found
        assert index.chunks_of(doc_id, 100, 200) == []
        assert index.chunks_of("nobody", 0, 9) == []
        (hit,) = rag.retrieve("number 30", 1)
        assert TEXT[hit.chunk.start : hit.chunk.end] == hit.chunk.content
        assert "number 29" in hit.chunk.content
        assert "number 32" in hit.chunk.content


@pytest.mark.parametrize("own_ids", [True, False])
def test_ids_of_a_foreign_chunker(own_ids: bool) -> None:
    with DocumentIndex() as index:
        chunks = [
            Chunk(
                content=f"part {place}",
                chunk_id=f"x{place}" if own_ids else f"d:{place}-{place + 1}",
                doc_id="d",
                metadata=ChunkMetadata(chunk_index=place, doc_id="d"),
            )
            for place in range(5)
        ]
        record = SourceRecord(key=b"d", label="d", chunks=5)
        index.replace(record, chunks)
        index.replace(replace(record, key=b"dd"), [Chunk(content="part", doc_id="dd")])
        assert [chunk.content for chunk in index.chunks_of("d", 1, 2)] == ["part 1", "part 2"]
