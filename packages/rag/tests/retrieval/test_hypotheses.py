"""HyDERetriever searches with the mean of a question and an imagined passage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from racto.core import ChatConfig, Chunk
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    EmbeddingError,
    InvalidResponseError,
    OverloadedError,
)
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract, ScriptedKit
from racto.core.testing.contracts.samples import topic_chunks
from racto.rag.retrieval import HyDERetriever
from racto.rag.retrieval.hypotheses import mean


class Counting(HashEmbedder):
    """Remembers what it embedded as documents; may lose a vector."""

    def __init__(self, *, lost: int = 0) -> None:
        super().__init__(256)
        self.calls: list[list[str]] = []
        self.lost = lost

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(list(texts))
        return super().embed(texts)[self.lost :]


def stored(corpus: Sequence[Chunk]) -> DictStore:
    store = DictStore()
    vectors = HashEmbedder(256).embed([chunk.content for chunk in corpus])
    store.add([chunk.with_embedding(v) for chunk, v in zip(corpus, vectors, strict=True)])
    return store


def echo(config: ChatConfig) -> str:
    return config.user_message.removeprefix("<question>\n").removesuffix("\n</question>") or "-"


class TestHyDERetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> HyDERetriever:
        return HyDERetriever(stored(corpus), HashEmbedder(256), kit=ScriptedKit(echo))


def test_an_imagined_passage_leads_to_the_right_chunk() -> None:
    kit = ScriptedKit(["Wild yeast makes sourdough bread rise slowly."])
    retriever = HyDERetriever(stored(topic_chunks()), HashEmbedder(256), kit=kit)
    assert retriever.retrieve("Why does my loaf take hours?", 1)[0].chunk.chunk_id == "bread"


async def test_a_batch_embeds_all_passages_in_one_call() -> None:
    embedder = Counting()
    kit = ScriptedKit(echo)
    retriever = HyDERetriever(stored(topic_chunks()), embedder, kit=kit, passages=2)
    questions = ["honey bees", "wild yeast"]
    batch = retriever.retrieve_batch(questions, 2)
    assert embedder.calls == [["honey bees", "honey bees", "wild yeast", "wild yeast"]]
    assert len(kit.requests) == 4
    assert batch == [retriever.retrieve(question, 2) for question in questions]
    assert await retriever.aretrieve_batch(questions, 2) == batch


def test_a_question_without_words_costs_no_call() -> None:
    kit = ScriptedKit([])
    HyDERetriever(stored(topic_chunks()), HashEmbedder(256), kit=kit).retrieve("?!")
    assert kit.requests == []


def test_a_passage_without_end_is_cut() -> None:
    embedder = Counting()
    kit = ScriptedKit(["word " * 50_000 + "\ud800"])
    HyDERetriever(stored(topic_chunks()), embedder, kit=kit).retrieve("bees")
    assert len(embedder.calls[0][0]) == 4000


@pytest.mark.parametrize("reply", [OverloadedError("busy"), ""])
async def test_a_kit_that_fails_is_an_error_or_left_out(reply: Any) -> None:
    store, embedder = stored(topic_chunks()), HashEmbedder(256)
    kit = ScriptedKit([reply], repeat=True)
    strict = HyDERetriever(store, embedder, kit=kit)
    kind = OverloadedError if reply else InvalidResponseError
    with pytest.raises(kind):
        strict.retrieve("honey bees")
    with pytest.raises(kind):
        await strict.aretrieve("honey bees")
    lenient = HyDERetriever(store, embedder, kit=kit, on_error="original")
    assert lenient.retrieve("honey bees")[0].chunk.chunk_id == "bees"


def test_one_failed_passage_of_a_batch_spares_the_others() -> None:
    def reply(config: ChatConfig) -> Any:
        return OverloadedError("busy") if "yeast" in config.user_message else echo(config)

    retriever = HyDERetriever(
        stored(topic_chunks()), HashEmbedder(256), kit=ScriptedKit(reply), on_error="original"
    )
    batch = retriever.retrieve_batch(["honey bees", "wild yeast", "moon oceans"], 1)
    assert [found[0].chunk.chunk_id for found in batch] == ["bees", "bread", "moon"]


def test_a_lost_vector_is_an_error() -> None:
    retriever = HyDERetriever(stored(topic_chunks()), Counting(lost=1), kit=ScriptedKit(echo))
    with pytest.raises(EmbeddingError, match="0 vectors for 1 texts"):
        retriever.retrieve("bees")


def test_the_mean_weighs_directions_not_lengths() -> None:
    assert mean([[2.0, 0.0], [0.0, 8.0]]) == [0.5, 0.5]
    assert mean([[0.0, 0.0], [1.0, 0.0]]) == [0.5, 0.0]
    assert math.isclose(math.hypot(*mean([[3.0, 4.0]])), 1.0)
    with pytest.raises(DimensionMismatchError):
        mean([[1.0], [1.0, 2.0]])


@pytest.mark.parametrize("wrong", [{"passages": 0}, {"passages": 9}, {"max_tokens": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        HyDERetriever(DictStore(), HashEmbedder(), kit=ScriptedKit(), **wrong)
