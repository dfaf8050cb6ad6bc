"""VectorRetriever keeps the contract of retrievers over any store and embedder."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from racto.core import Chunk
from racto.core.errors import EmbeddingError
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract
from racto.rag import VectorRetriever


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
