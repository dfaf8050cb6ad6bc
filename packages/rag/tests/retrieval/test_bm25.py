"""BM25Index keeps the contract of retrievers and ranks as BM25 does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.protocols import KeywordIndex, Retriever
from racto.core.testing import RetrieverContract
from racto.rag import BM25Index


class TestBM25IndexKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> Iterator[BM25Index]:
        index = BM25Index()
        index.add(corpus)
        yield index
        index.close()


@pytest.fixture
def index() -> Iterator[BM25Index]:
    made = BM25Index()
    yield made
    made.close()


def contents(index: BM25Index, query: str, top_k: int = 5) -> list[str]:
    return [hit.chunk.content for hit in index.search(query, top_k)]


def test_it_is_a_keyword_index_and_a_retriever(index: BM25Index) -> None:
    assert isinstance(index, KeywordIndex)
    assert isinstance(index, Retriever)


def test_rare_words_and_short_texts_rank_first(index: BM25Index) -> None:
    index.add([Chunk(content=f"common words number {n}") for n in range(20)])
    index.add([Chunk(content="common zebra")])
    index.add([Chunk(content="zebra " + "and many other words of no interest at all " * 5)])
    found = index.search("common zebra", 3)
    assert found[0].chunk.content == "common zebra"
    assert found[1].chunk.content.startswith("zebra and")
    assert found[0].score > found[1].score > 0


def test_forms_case_and_accents_do_not_matter(index: BM25Index) -> None:
    index.add([Chunk(content="The CAFÉS were closing")])
    for query in ("cafe", "Café closed", "closes"):
        assert contents(index, query) == ["The CAFÉS were closing"]


def test_a_chunk_of_a_known_id_replaces_the_old_one(index: BM25Index) -> None:
    index.add([Chunk(content="wasps", chunk_id="1")])
    index.add([Chunk(content="bees", chunk_id="1"), Chunk(content="ants", chunk_id="1")])
    assert index.count() == 1
    assert contents(index, "bees wasps ants") == ["ants"]


def test_deleting(index: BM25Index) -> None:
    index.add([Chunk(content="bees", chunk_id="1"), Chunk(content="bees too", chunk_id="2")])
    index.delete(["1", "unknown"])
    assert contents(index, "bees") == ["bees too"]


def test_filters_come_before_the_best_are_chosen(index: BM25Index) -> None:
    english = ChunkMetadata(extra={"lang": "en"})
    index.add([Chunk(content="bees " * 5, metadata=english) for _ in range(50)])
    index.add([Chunk(content="one bee", metadata=ChunkMetadata(extra={"lang": "de"}))])
    (hit,) = index.search("bees", 3, {"lang": "de"})
    assert (hit.chunk.content, hit.rank) == ("one bee", 1)
