"""NeighbourRetriever: windows around the hits, joined, in the hits' order, within the filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Chunk, Document, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract, WordRetriever
from racto.rag import BM25Index, FixedChunker
from racto.rag.retrieval import ChunkRange, NeighbourRetriever

TEXT = "".join(f"{n:03d} word. " for n in range(60))
CHUNKS = FixedChunker(50, 10).chunk(Document(content=TEXT, source="s", doc_id="d"))


class Fixed:
    """Returns chosen chunks, the best first."""

    def __init__(self, *chunks: Chunk) -> None:
        self.chunks = chunks

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return [
            RetrievalResult(chunk=chunk, score=1.0 / rank, rank=rank)
            for rank, chunk in enumerate(self.chunks[:top_k], start=1)
        ]

    aretrieve = threaded(retrieve)


def indexed(chunks: Sequence[Chunk]) -> BM25Index:
    index = BM25Index()
    index.add(chunks)
    return index


def stored(chunks: Sequence[Chunk]) -> DictStore:
    store, embedder = DictStore(), HashEmbedder(16)
    store.add([chunk.with_embedding(embedder.embed_query(chunk.content)) for chunk in chunks])
    return store


class TestNeighbourRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> NeighbourRetriever:
        return NeighbourRetriever(WordRetriever(corpus), indexed(corpus))


@pytest.mark.parametrize("place", [indexed, stored])
async def test_the_chunks_before_and_after_are_joined(place: Any) -> None:
    around = place(CHUNKS[::-1])
    assert isinstance(around, ChunkRange) == (place is indexed)
    retriever = NeighbourRetriever(Fixed(CHUNKS[5]), around)
    (hit,) = retriever.retrieve("any")
    assert (hit.chunk.start, hit.chunk.end) == (CHUNKS[4].start, CHUNKS[6].end)
    assert hit.chunk.content == TEXT[hit.chunk.start : hit.chunk.end]
    assert (hit.rank, hit.score) == (1, 1.0)
    assert await retriever.aretrieve("any") == [hit]
    assert await retriever.aretrieve_batch(["any", "more"]) == [[hit], [hit]]


def test_windows_that_meet_become_one_result_at_the_better_place() -> None:
    hits = Fixed(CHUNKS[9], CHUNKS[2], CHUNKS[4], CHUNKS[12])
    found = NeighbourRetriever(hits, indexed(CHUNKS)).retrieve("any")
    # 9 and 12 touch (8-10 and 11-13), 2 and 4 share a neighbour.
    places = [(hit.chunk.start, hit.chunk.end, hit.rank) for hit in found]
    assert places == [
        (CHUNKS[8].start, CHUNKS[13].end, 1),
        (CHUNKS[1].start, CHUNKS[5].end, 2),
    ]


def test_windows_end_with_the_document() -> None:
    retriever = NeighbourRetriever(Fixed(CHUNKS[0], CHUNKS[-1]), indexed(CHUNKS), window=2)
    first, last = retriever.retrieve("any")
    assert (first.chunk.start, first.chunk.end) == (0, CHUNKS[2].end)
    assert last.chunk.end == CHUNKS[-1].end


def test_documents_do_not_mix() -> None:
    other = FixedChunker(50, 10).chunk(Document(content=TEXT, source="t", doc_id="e"))
    index = indexed([*CHUNKS, *other])
    found = NeighbourRetriever(Fixed(CHUNKS[3], other[3]), index).retrieve("any")
    assert [hit.chunk.doc_id for hit in found] == ["d", "e"]


def test_what_a_filter_hides_stays_hidden() -> None:
    retriever = NeighbourRetriever(Fixed(CHUNKS[5]), indexed(CHUNKS), window=3)
    (hit,) = retriever.retrieve("any", 5, {"chunk_index": {"$nin": [4, 8]}})
    assert (hit.chunk.start, hit.chunk.end) == (CHUNKS[5].start, CHUNKS[7].end)
    hits = Fixed(CHUNKS[3], CHUNKS[5])
    parted = NeighbourRetriever(hits, indexed(CHUNKS)).retrieve(
        "any", 5, {"chunk_index": {"$ne": 4}}
    )
    assert [hit.chunk.end for hit in parted] == [CHUNKS[3].end, CHUNKS[6].end]


def test_an_index_that_lost_the_hit_still_gives_the_hit() -> None:
    (hit,) = NeighbourRetriever(Fixed(CHUNKS[5]), BM25Index()).retrieve("any")
    assert hit.chunk == CHUNKS[5]


def test_chunks_without_a_document_come_back_alone() -> None:
    loose = [Chunk(content=f"text {n}") for n in range(3)]
    found = NeighbourRetriever(Fixed(*loose), BM25Index()).retrieve("any")
    assert [hit.chunk for hit in found] == loose


def test_a_negative_window_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="window"):
        NeighbourRetriever(Fixed(), BM25Index(), window=-1)


@settings(max_examples=50)
@given(st.lists(st.integers(0, len(CHUNKS) - 1), unique=True, max_size=8), st.integers(0, 3))
def test_no_text_comes_twice_and_none_is_lost(hits: list[int], window: int) -> None:
    with_index = NeighbourRetriever(
        Fixed(*(CHUNKS[at] for at in hits)), stored(CHUNKS), window=window
    )
    found = with_index.retrieve("any", 10)
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    covered = sorted((hit.chunk.start, hit.chunk.end) for hit in found)
    # Two passages share at most the overlap of two chunks that neither of them joins.
    assert all(two[0] >= one[1] - 10 for one, two in pairwise(covered))
    for at in hits:
        assert any(s <= CHUNKS[at].start and CHUNKS[at].end <= e for s, e in covered)
    for hit in found:
        assert hit.chunk.content == TEXT[hit.chunk.start : hit.chunk.end]
