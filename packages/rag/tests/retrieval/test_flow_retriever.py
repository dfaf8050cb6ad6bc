"""FlowRetriever finds mistakes before it pays; any retriever can be asked many questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from racto.core import Chunk, RetrievalResult
from racto.core.errors import FilterError
from racto.core.flows import Flow, arun, run, threaded
from racto.core.protocols import BatchRetriever, Retriever
from racto.core.testing import RetrieverContract, WordRetriever
from racto.core.testing.contracts.samples import topic_chunks
from racto.rag.retrieval import FlowRetriever, retrieve_all
from racto.rag.retrieval.flow_retriever import Filters, Results, retrieve_one


class Passing(FlowRetriever):
    """Asks another retriever, and counts how often."""

    def __init__(self, inner: Retriever) -> None:
        self.inner = inner
        self.asked = 0

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        self.asked += 1
        return (yield from retrieve_one(self.inner, query, top_k, filters))


class OneByOne:
    """A retriever without the power to take a batch."""

    def __init__(self, inner: WordRetriever) -> None:
        self.inner = inner

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return self.inner.retrieve(query, top_k, filters)

    aretrieve = threaded(retrieve)


class TestFlowRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> Passing:
        return Passing(WordRetriever(corpus))


def ids(batch: Sequence[Sequence[RetrievalResult]]) -> list[list[str]]:
    return [[result.chunk.chunk_id for result in found] for found in batch]


async def test_mistakes_are_found_before_anything_is_asked() -> None:
    retriever = Passing(WordRetriever(topic_chunks()))
    for call in (retriever.retrieve, retriever.aretrieve):
        with pytest.raises(ValueError, match="top_k"):
            await maybe(call("bees", 0))
        with pytest.raises(FilterError):
            await maybe(call("bees", 1, {"topic": {"$like": "b"}}))
    for batch in (retriever.retrieve_batch, retriever.aretrieve_batch):
        with pytest.raises(ValueError, match="top_k"):
            await maybe(batch([], 0))
        with pytest.raises(FilterError):
            await maybe(batch(["bees"], 1, {"$what": 1}))
        assert await maybe(batch([])) == []
    assert retriever.asked == 0


async def maybe(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


async def test_all_retrievers_answer_many_questions_alike() -> None:
    words = WordRetriever(topic_chunks())
    assert not isinstance(OneByOne(words), BatchRetriever)
    questions = ["honey bees", "wild yeast", "nothing of that"]
    filters = {"topic": {"$ne": "moon"}}
    expected = ids(words.retrieve_batch(questions, 2, filters))
    for retriever in (words, OneByOne(words), Passing(words)):
        assert ids(run(retrieve_all(retriever, questions, 2, filters))) == expected
        assert ids(await arun(retrieve_all(retriever, questions, 2, filters))) == expected
        assert run(retrieve_all(retriever, [])) == []


async def test_an_error_of_one_question_is_the_batchs_error() -> None:
    class Failing(OneByOne):
        def retrieve(
            self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
        ) -> list[RetrievalResult]:
            if query == "bad":
                raise OSError("the disk is gone")
            return super().retrieve(query, top_k, filters)

    retriever = Passing(Failing(WordRetriever(topic_chunks())))
    with pytest.raises(OSError, match="disk"):
        retriever.retrieve_batch(["bees", "bad", "moon"])
    with pytest.raises(OSError, match="disk"):
        await retriever.aretrieve_batch(["bees", "bad", "moon"])
