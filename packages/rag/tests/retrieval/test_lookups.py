"""Chunks by their positions: from an index, and from a store that can scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from racto.core import Chunk, Document
from racto.core.flows import arun, run
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import BM25Index, FixedChunker
from racto.rag.retrieval import ChunkRange
from racto.rag.retrieval.lookups import Surroundings, chunks_between

CHUNKS = [
    chunk
    for name in ("d", "e")
    for chunk in FixedChunker(10, 2).chunk(Document(content="abcdefgh " * 20, source=name, doc_id=name))
]  # fmt: skip


def indexed(chunks: Sequence[Chunk]) -> BM25Index:
    index = BM25Index()
    index.add(chunks)
    return index


def stored(chunks: Sequence[Chunk]) -> DictStore:
    store, embedder = DictStore(), HashEmbedder(8)
    store.add([chunk.with_embedding(embedder.embed_query(chunk.content)) for chunk in chunks])
    return store


@pytest.mark.parametrize("place", [indexed, stored])
async def test_a_range_of_one_document(place: Callable[[Sequence[Chunk]], Surroundings]) -> None:
    where = place(CHUNKS[::-1])
    wanted = [chunk for chunk in CHUNKS if chunk.doc_id == "e"][3:6]
    assert run(chunks_between(where, "e", 3, 5)) == wanted
    assert await arun(chunks_between(where, "e", 3, 5)) == wanted
    assert run(chunks_between(where, "e", -4, 0))[0].metadata.chunk_index == 0
    assert run(chunks_between(where, "e", 1000, 1005)) == []
    assert await arun(chunks_between(where, "nothing", 0, 5)) == []


def test_many_chunks_of_one_position_are_bounded() -> None:
    twins = [Chunk(content=f"text {n}", doc_id="d") for n in range(500)]
    assert len(run(chunks_between(indexed(twins), "d", 0, 3))) == 4
    assert len(run(chunks_between(stored(twins), "d", 0, 3))) <= 4


async def test_the_keyword_index_has_the_power() -> None:
    index = indexed(CHUNKS)
    assert isinstance(index, ChunkRange)
    assert await index.achunks_of("d", 0, 1) == index.chunks_of("d", 0, 1) == CHUNKS[:2]
    index.close()
