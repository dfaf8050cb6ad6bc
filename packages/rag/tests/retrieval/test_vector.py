"""VectorRetriever keeps the contract of retrievers over any store and embedder."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from racto.core import Chunk
from racto.core.errors import EmbeddingError
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract
from racto.core.testing.contracts.samples import topic_chunks
from racto.rag import VectorRetriever
from racto.rag.retrieval import QuestionsEmbedder


def filled(corpus: list[Chunk], embedder: HashEmbedder) -> DictStore:
    store = DictStore()
    vectors = embedder.embed([chunk.content for chunk in corpus])
    store.add([chunk.with_embedding(v) for chunk, v in zip(corpus, vectors, strict=True)])
    return store


class TestVectorRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> VectorRetriever:
        embedder = HashEmbedder(256)
        return VectorRetriever(filled(corpus, embedder), embedder)


class OneWay:
    """An embedder without a way of its own for questions; it may return too few vectors."""

    dimension = 2

    def __init__(self, count: int) -> None:
        self.count = count

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, 0.0]] * self.count

    aembed = threaded(embed)


def test_an_embedder_without_questions_embeds_them_as_texts() -> None:
    store = DictStore()
    store.add([Chunk(content="bees", embedding=[1.0, 0.0])])
    (hit,) = VectorRetriever(store, OneWay(1)).retrieve("anything")
    assert hit.chunk.content == "bees"


@pytest.mark.parametrize("count", [0, 2])
async def test_another_number_of_vectors_is_an_error(count: int) -> None:
    retriever = VectorRetriever(DictStore(), OneWay(count))
    with pytest.raises(EmbeddingError, match=f"{count} vectors for 1 texts"):
        retriever.retrieve("anything")
    with pytest.raises(EmbeddingError):
        await retriever.aretrieve("anything")


class OneCall(HashEmbedder):
    """Embeds many questions in one call; may lose a vector."""

    def __init__(self, *, lost: int = 0) -> None:
        super().__init__(256)
        self.calls: list[list[str]] = []
        self.lost = lost

    def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(list(texts))
        return self.embed(texts)[self.lost :]

    aembed_queries = threaded(embed_queries)


class Plain:
    """An embedder without a way of its own for questions, and a store without batches."""

    def __init__(self, embedder: HashEmbedder) -> None:
        self.inner = embedder
        self.calls = 0

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += 1
        return self.inner.embed(texts)

    aembed = threaded(embed)


class NoBatches(DictStore):
    """A store that answers one question at a time."""

    search_batch = None  # type: ignore[assignment]
    asearch_batch = None  # type: ignore[assignment]


QUESTIONS = ["honey bees", "wild yeast", "moon oceans"]


async def test_a_batch_of_questions_is_embedded_in_one_call() -> None:
    store, one_call = filled(topic_chunks(), HashEmbedder(256)), OneCall()
    assert isinstance(one_call, QuestionsEmbedder)
    plain = Plain(HashEmbedder(256))
    expected = [VectorRetriever(store, one_call).retrieve(q, 2) for q in QUESTIONS]
    for embedder in (one_call, plain, HashEmbedder(256)):
        retriever = VectorRetriever(store, embedder)
        assert retriever.retrieve_batch(QUESTIONS, 2) == expected
        assert await retriever.aretrieve_batch(QUESTIONS, 2) == expected
    assert one_call.calls == [QUESTIONS] * 2
    assert plain.calls == 2


async def test_a_store_without_batches_is_searched_for_each_question() -> None:
    embedder = HashEmbedder(256)
    whole = filled(topic_chunks(), embedder)
    store = NoBatches()
    store.add([chunk for page in whole.scan() for chunk in page])
    retriever = VectorRetriever(store, embedder)
    filters = {"topic": {"$ne": "moon"}}
    expected = VectorRetriever(whole, embedder).retrieve_batch(QUESTIONS, 2, filters)
    assert retriever.retrieve_batch(QUESTIONS, 2, filters) == expected
    assert await retriever.aretrieve_batch(QUESTIONS, 2, filters) == expected


async def test_a_lost_vector_in_a_batch_is_an_error() -> None:
    retriever = VectorRetriever(DictStore(), OneCall(lost=1))
    with pytest.raises(EmbeddingError, match="2 vectors for 3 questions"):
        retriever.retrieve_batch(QUESTIONS)
    with pytest.raises(EmbeddingError):
        await retriever.aretrieve_batch(QUESTIONS)
    with pytest.raises(EmbeddingError, match="1 vectors for 3 texts"):
        VectorRetriever(DictStore(), OneWay(1)).retrieve_batch(QUESTIONS)
