"""DenseEngine: one embedding call a batch, one search a group, each query what it would get alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError, EmbeddingError, FilterError, PluginNotFoundError
from racto.core.testing import DictStore, EngineContract, HashEmbedder
from racto.core.testing.fakes.engines import DOCUMENTS
from racto.retrieval.server.engines import DenseEngine


class Symmetric:
    """An embedder without a way of its own for questions; it counts its calls."""

    dimension = 64

    def __init__(self, short: int = 0) -> None:
        self.calls: list[int] = []
        self._short = short

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(len(texts))
        return HashEmbedder().embed(texts)[: len(texts) - self._short]

    async def aembed(self, texts: Sequence[str]) -> list[list[float]]:
        return self.embed(texts)


class Counting(DictStore):
    """A store that counts its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[int] = []

    def search_batch(self, embeddings: Any, *rest: Any, **more: Any) -> Any:
        self.passes.append(len(embeddings))
        return super().search_batch(embeddings, *rest, **more)


def filled(store: DictStore | None = None) -> DictStore:
    """A store with the texts of the contract, two chunks to the document ``bees``."""
    store = store or DictStore()
    embedder = HashEmbedder()
    store.add(
        [
            Chunk(
                content=text,
                chunk_id=key,
                doc_id="bees" if key == "hives" else key,
                embedding=embedder.embed_query(text),
                metadata=ChunkMetadata(extra={"kind": "animal" if "ees" in text else "food"}),
            )
            for key, text in DOCUMENTS.items()
        ]
    )
    return store


class TestDenseEngine(EngineContract):
    @pytest.fixture(params=[HashEmbedder, Symmetric])
    def engine(self, request: pytest.FixtureRequest) -> DenseEngine:
        return DenseEngine("dense", store=filled(), embedder=request.param())


async def test_a_batch_is_embedded_and_searched_in_one_pass() -> None:
    embedder, store = Symmetric(), Counting()
    engine = DenseEngine("dense", store=filled(store), embedder=embedder)
    found = await engine.search_batch(["bees", "bread", "ovens"], [2, 2, 1])
    assert embedder.calls == [3]
    # Those of one limit share a pass; the third one is alone in its own.
    assert store.passes == [2]
    assert [len(scores) for scores in found] == [2, 2, 1]
    assert [next(iter(scores)) for scores in found] == [
        next(iter((await engine.search_batch([query], 1))[0]))
        for query in ("bees", "bread", "ovens")
    ]


async def test_subsets_and_filters_come_before_the_limit() -> None:
    engine = DenseEngine("dense", store=filled(), embedder=HashEmbedder(), subset_field="kind")
    found = await engine.search_batch(["bees dance"] * 3, 10, ["food", "animal", None])
    assert [set(scores) for scores in found] == [
        {"bread", "ovens"},
        {"bees", "hives"},
        set(DOCUMENTS),
    ]
    (both,) = await engine.search_batch(["bees"], 10, ["animal"], filters={"doc_id": "ovens"})
    assert both == {}
    with pytest.raises(FilterError):
        await engine.search_batch(["bees"], 10, filters={"kind": {"$like": 1}})
    with pytest.raises(ConfigurationError, match="filters must be an object"):
        await engine.search_batch(["bees"], 10, filters="kind")
    plain = DenseEngine("dense", store=filled(), embedder=HashEmbedder())
    with pytest.raises(ConfigurationError, match="subset_field"):
        await plain.search_batch(["bees"], 10, ["animal"])


async def test_documents_have_the_score_of_their_best_chunk() -> None:
    chunks = DenseEngine("c", store=filled(), embedder=HashEmbedder())
    documents = DenseEngine("d", store=filled(), embedder=HashEmbedder(), by="document")
    (by_chunk,) = await chunks.search_batch(["bees dance"], 4)
    (by_document,) = await documents.search_batch(["bees dance"], 2)
    assert len(by_document) == 2
    assert by_document["bees"] == max(by_chunk["bees"], by_chunk["hives"])


async def test_a_missing_vector_is_an_error() -> None:
    engine = DenseEngine("dense", store=filled(), embedder=Symmetric(short=1))
    with pytest.raises(EmbeddingError, match="1 vectors for 2 queries"):
        await engine.search_batch(["a", "b"], 2)


async def test_an_empty_store_finds_nothing() -> None:
    engine = DenseEngine("dense", store=DictStore(), embedder=HashEmbedder())
    assert await engine.search_batch(["a"], 2) == [{}]


def test_parts_are_named_in_the_settings() -> None:
    with pytest.raises(ConfigurationError, match="'dense' needs store"):
        DenseEngine("dense", embedder=HashEmbedder())
    with pytest.raises(ConfigurationError, match="an object with `name`"):
        DenseEngine("dense", {"store": {"url": "x"}}, embedder=HashEmbedder())
    with pytest.raises(PluginNotFoundError, match="nonesuch"):
        DenseEngine("dense", {"store": {"name": "nonesuch"}}, embedder=HashEmbedder())
    with pytest.raises(ConfigurationError, match="by must be one of"):
        DenseEngine("dense", store=DictStore(), embedder=HashEmbedder(), by="page")
