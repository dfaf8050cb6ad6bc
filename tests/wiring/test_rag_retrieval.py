"""racto-rag's retrievers over the memory store and the local embedder, one upon the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from racto.core import Chunk, Document
from racto.core.protocols import BatchRetriever, Retriever
from racto.core.testing import RetrieverContract, ScriptedKit, WordEngine
from racto.providers.local import LocalEmbedder
from racto.rag import BM25Index, HybridRetriever, RecursiveChunker, VectorRetriever
from racto.rag.pages import PageIndexRAG
from racto.rag.retrieval import (
    EngineReranker,
    HyDERetriever,
    MMRRetriever,
    MultiQueryRetriever,
    NeighbourRetriever,
    ParentRetriever,
    RerankingRetriever,
)
from racto.stores.memory import InMemoryVectorStore

TEXT = "\n\n".join(
    f"# Chapter {n}\n\n{first} {second}"
    for n, (first, second) in enumerate(
        [
            ("Physicians examine the heart of each patient.", "They listen for its rhythm."),
            ("The stock market fell on Monday.", "Investors sold their shares in fear."),
            ("Bread is baked for forty minutes.", "A hot oven gives it a crust."),
            ("Bees dance for one another.", "The dance shows where flowers bloom."),
        ]
    )
)
CHUNKS = RecursiveChunker(50, 0).chunk(Document(content=TEXT, source="book.md", doc_id="book"))


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


def filled(chunks: Sequence[Chunk], embedder: LocalEmbedder) -> InMemoryVectorStore:
    store = InMemoryVectorStore()
    vectors = embedder.embed([chunk.content for chunk in chunks])
    store.add([chunk.with_embedding(vectors[row]) for row, chunk in enumerate(chunks)])
    return store


class TestEverythingTogetherKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk], embedder: LocalEmbedder) -> Iterator[Retriever]:
        store, index = filled(corpus, embedder), BM25Index()
        index.add(corpus)
        hybrid = HybridRetriever({"vector": VectorRetriever(store, embedder), "keywords": index})
        reranked = RerankingRetriever(hybrid, EngineReranker(WordEngine()))
        yield NeighbourRetriever(MMRRetriever(reranked, embedder, weight=0.9), store)
        index.close()


@pytest.fixture(scope="module")
def store(embedder: LocalEmbedder) -> InMemoryVectorStore:
    return filled(CHUNKS, embedder)


QUESTIONS = ["doctor at a hospital", "shares and investors", "insects and blossoms"]


async def test_batches_give_what_single_questions_give(
    store: InMemoryVectorStore, embedder: LocalEmbedder
) -> None:
    vector = VectorRetriever(store, embedder)
    kit = ScriptedKit(lambda config: f"tell me of {config.user_message[11:-12]}")
    retrievers = [
        vector,
        MMRRetriever(vector, embedder),
        MMRRetriever(vector),
        NeighbourRetriever(vector, store),
        ParentRetriever(vector, store, by="document", max_characters=120),
        MultiQueryRetriever(vector, kit),
        HyDERetriever(store, embedder, kit=kit),
        RerankingRetriever(vector, EngineReranker(WordEngine())),
    ]
    for retriever in retrievers:
        assert isinstance(retriever, BatchRetriever)
        single = [places(retriever.retrieve(question, 3)) for question in QUESTIONS]
        batch = retriever.retrieve_batch(QUESTIONS, 3)
        assert [places(found) for found in batch] == single, type(retriever)
        async_batch = await retriever.aretrieve_batch(QUESTIONS, 3)
        assert [places(found) for found in async_batch] == single


def places(found: Sequence[object]) -> list[tuple[int, int]]:
    return [(hit.chunk.start, hit.chunk.end) for hit in found]  # type: ignore[attr-defined]


def test_neighbours_from_a_vector_store_complete_a_passage(
    store: InMemoryVectorStore, embedder: LocalEmbedder
) -> None:
    vector = VectorRetriever(store, embedder)
    (small,) = vector.retrieve("doctor at a hospital", 1)
    (wide,) = NeighbourRetriever(vector, store).retrieve("doctor at a hospital", 1)
    assert wide.chunk.start <= small.chunk.start
    assert wide.chunk.end > small.chunk.end
    assert small.chunk.content in wide.chunk.content
    assert "".join(wide.chunk.content.split()) == "".join(
        TEXT[wide.chunk.start : wide.chunk.end].split()
    )


def test_meaning_leads_and_repetition_is_passed_over(embedder: LocalEmbedder) -> None:
    texts = [
        "The physician examined the patient.",
        "The physician examined the patient again.",
        "A hospital has many beds.",
        "Stocks fell sharply.",
    ]
    store = filled([Chunk(content=text, chunk_id=text) for text in texts], embedder)
    vector = VectorRetriever(store, embedder)
    question = "doctor who examines a patient"
    plain = [hit.chunk.content for hit in vector.retrieve(question, 2)]
    diverse = [hit.chunk.content for hit in MMRRetriever(vector, embedder).retrieve(question, 2)]
    assert set(plain) == set(texts[:2])
    assert diverse[0] in texts[:2]
    assert diverse[1] not in texts[:2]


def test_a_page_index_joins_vectors_in_a_hybrid(
    store: InMemoryVectorStore, embedder: LocalEmbedder
) -> None:
    pages = PageIndexRAG(page_size=200)
    pages.ingest_text(TEXT, source="book.md")
    hybrid = HybridRetriever({"vector": VectorRetriever(store, embedder), "pages": pages.index})
    found = hybrid.retrieve("bees dance", 3)
    assert any("pages" in hit.scores for hit in found)
    assert any("Bees dance" in hit.chunk.content for hit in found)
