"""ParentRetriever: sections, pages and documents around the hits, bounded and told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Chunk, Document, RetrievalResult
from racto.core.documents import Section
from racto.core.errors import ConfigurationError
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract, WordRetriever
from racto.rag import BM25Index, RecursiveChunker
from racto.rag.retrieval import ParentRetriever
from racto.rag.retrieval.lookups import Surroundings

BODY = "".join(f"Sentence number {n} of this part stands here. " for n in range(12))
TEXT = f"# Bees\n\n{BODY}\n\n# Bread\n\n{BODY}\n\n# Moon\n\n{BODY}"
STARTS = tuple(TEXT.index(f"# {name}") for name in ("Bees", "Bread", "Moon"))
DOCUMENT = Document(
    content=TEXT,
    source="s",
    doc_id="d",
    sections=tuple(
        Section(start=at, title=title)
        for at, title in zip(STARTS, ("Bees", "Bread", "Moon"), strict=True)
    ),
    pages=(0, STARTS[2]),
)
CHUNKS = RecursiveChunker(80, 0).chunk(DOCUMENT)
BREAD = [chunk for chunk in CHUNKS if chunk.metadata.section == "Bread"]


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


class TestParentRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> ParentRetriever:
        return ParentRetriever(WordRetriever(corpus), indexed(corpus))


@pytest.mark.parametrize("place", [indexed, stored])
async def test_the_section_of_the_hit_is_returned_once(
    place: Callable[[Sequence[Chunk]], Surroundings],
) -> None:
    assert len(BREAD) > 4
    retriever = ParentRetriever(Fixed(BREAD[2], BREAD[4], CHUNKS[0]), place(CHUNKS))
    bread, bees = retriever.retrieve("any")
    assert (bread.chunk.start, bread.chunk.end) == (BREAD[0].start, BREAD[-1].end)
    assert (bread.rank, bread.score, bees.rank, bees.score) == (1, 1.0, 2, 1 / 3)
    assert bread.chunk.content.split() == TEXT[BREAD[0].start : BREAD[-1].end].split()
    assert bees.chunk.metadata.section == "Bees"
    assert await retriever.aretrieve("any") == [bread, bees]
    assert await retriever.aretrieve_batch(["one", "two"], 1) == [[bread], [bread]]


def test_a_page_and_a_document_are_parents_too() -> None:
    by_page = ParentRetriever(Fixed(BREAD[0]), indexed(CHUNKS), by="page")
    (page,) = by_page.retrieve("any")
    assert page.chunk.start == 0
    assert page.chunk.end <= STARTS[2]
    by_document = ParentRetriever(
        Fixed(BREAD[0]), indexed(CHUNKS), by="document", max_characters=100_000
    )
    (whole,) = by_document.retrieve("any")
    assert (whole.chunk.start, whole.chunk.end) == (0, CHUNKS[-1].end)


def test_a_parent_grows_around_the_hit_up_to_its_limit() -> None:
    hit = BREAD[3]
    retriever = ParentRetriever(Fixed(hit), indexed(CHUNKS), max_characters=260)
    (parent,) = retriever.retrieve("any")
    assert parent.chunk.end - parent.chunk.start <= 260
    assert parent.chunk.start < hit.start
    assert parent.chunk.end > hit.end
    tight = ParentRetriever(Fixed(hit), indexed(CHUNKS), max_characters=1)
    assert [one.chunk for one in tight.retrieve("any")] == [hit]


def test_two_parents_of_one_section_share_no_chunk() -> None:
    retriever = ParentRetriever(Fixed(BREAD[1], BREAD[4]), indexed(CHUNKS), max_characters=250)
    one, two = retriever.retrieve("any")
    assert one.chunk.end <= two.chunk.start


def test_what_a_filter_hides_stays_hidden() -> None:
    hit = BREAD[2]
    hidden = hit.metadata.chunk_index - 1
    retriever = ParentRetriever(Fixed(hit), indexed(CHUNKS))
    (parent,) = retriever.retrieve("any", 5, {"chunk_index": {"$ne": hidden}})
    assert parent.chunk.start == hit.start
    assert parent.chunk.end == BREAD[-1].end


def test_more_small_chunks_are_fetched_than_parents_wanted() -> None:
    hits = Fixed(*BREAD, CHUNKS[0])
    found = ParentRetriever(hits, indexed(CHUNKS)).retrieve("any", 2)
    assert [hit.chunk.metadata.section for hit in found] == ["Bread", "Bees"]


def test_loose_chunks_come_back_alone() -> None:
    loose = [Chunk(content=f"text {n}") for n in range(3)]
    found = ParentRetriever(Fixed(*loose), BM25Index()).retrieve("any")
    assert [hit.chunk for hit in found] == loose


@pytest.mark.parametrize("wrong", [{"by": "book"}, {"max_characters": 0}, {"fetch": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        ParentRetriever(Fixed(), BM25Index(), **wrong)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, len(CHUNKS) - 1), unique=True, min_size=1, max_size=8),
    st.integers(1, 600),
)
def test_parents_are_bounded_distinct_and_hold_their_hits(hits: list[int], most: int) -> None:
    chosen = [CHUNKS[at] for at in hits]
    retriever = ParentRetriever(Fixed(*chosen), stored(CHUNKS), max_characters=most)
    found = retriever.retrieve("any", 20)
    spans = sorted((one.chunk.start, one.chunk.end) for one in found)
    assert all(two[0] >= one[1] for one, two in pairwise(spans))
    longest = max(len(chunk.content) for chunk in chosen)
    assert all(end - start <= max(most, longest) for start, end in spans)
    assert all(any(s <= c.start and c.end <= e for s, e in spans) for c in chosen)
