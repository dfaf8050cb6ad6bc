"""RetrieverEngine: a retriever's answers as rankings, each query as if it were alone."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError, EngineError
from racto.core.testing import EngineContract, WordRetriever
from racto.core.testing.fakes.engines import DOCUMENTS
from racto.retrieval.server.engines import RetrieverEngine


def chunks() -> list[Chunk]:
    """The texts of the contract; two of them belong to one document."""
    return [
        Chunk(
            content=text,
            chunk_id=key,
            doc_id="bees" if key == "hives" else key,
            metadata=ChunkMetadata(extra={"kind": "animal" if "ees" in text else "food"}),
        )
        for key, text in DOCUMENTS.items()
    ]


class Single:
    """A retriever that takes one question at a time."""

    def __init__(self) -> None:
        self._words = WordRetriever(chunks())

    def retrieve(self, query: str, top_k: int = 5, filters: Any = None) -> Any:
        return self._words.retrieve(query, top_k, filters)

    async def aretrieve(self, query: str, top_k: int = 5, filters: Any = None) -> Any:
        return self.retrieve(query, top_k, filters)


class TestRetrieverEngine(EngineContract):
    @pytest.fixture(params=[Single, lambda: WordRetriever(chunks())])
    def engine(self, request: pytest.FixtureRequest) -> RetrieverEngine:
        return RetrieverEngine("words", retriever=request.param())


async def test_subsets_and_documents() -> None:
    engine = RetrieverEngine(
        "words", retriever=WordRetriever(chunks()), subset_field="kind", by="document"
    )
    asked = ["bees bread hives"] * 3
    found = await engine.search_batch(asked, [3, 3, 1], ["food", None, None])
    # Only the documents that share a word: "ovens" says "bread" too, and shares its document.
    assert [set(scores) for scores in found] == [
        {"bread", "ovens"},
        {"bees", "bread", "ovens"},
        {"bees"},
    ]


async def test_missing_answers_are_an_error() -> None:
    class Short(WordRetriever):
        async def aretrieve_batch(self, queries: Any, top_k: Any = 5, filters: Any = None) -> Any:
            return []

    engine = RetrieverEngine("words", retriever=Short(chunks()))
    with pytest.raises(EngineError, match="0 answers for 2 queries"):
        await engine.search_batch(["bees", "bread"], 2)


def test_a_retriever_is_needed() -> None:
    with pytest.raises(ConfigurationError, match="needs retriever"):
        RetrieverEngine("words")
