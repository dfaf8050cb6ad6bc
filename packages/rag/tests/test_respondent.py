"""Answers piece by piece: sources first, text as it comes, the checked response last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from racto.core.chat import ChatConfig
from racto.core.errors import OverloadedError, StreamTruncatedError
from racto.core.stream import StreamChunk, StreamDelta
from racto.core.testing import DictMemory, DictStore, HashEmbedder, ScriptedKit
from racto.rag import RactoRAG, RAGStreamChunk

GUIDE = "The pump is guaranteed for five years."
QUESTION = "How long is the pump guaranteed?"


def pipeline(kit: ScriptedKit | None, **settings: DictMemory) -> RactoRAG:
    rag = RactoRAG(DictStore(), HashEmbedder(64), llm_kit=kit, **settings)
    rag.ingest_text(GUIDE, source="guide")
    return rag


def pieces(rag: RactoRAG, voice: str) -> list[RAGStreamChunk]:
    if voice == "sync":
        return list(rag.stream_query(QUESTION))

    async def collect() -> list[RAGStreamChunk]:
        return [piece async for piece in rag.astream_query(QUESTION)]

    return asyncio.run(collect())


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_stream_is_the_answer_in_pieces(voice: str) -> None:
    with pipeline(ScriptedKit(["It lasts five years [1] or so [7]."], repeat=True)) as rag:
        whole = rag.query(QUESTION)
        streamed = pieces(rag, voice)
    assert [source.chunk.content for source in streamed[0].sources] == [GUIDE]
    texts = [piece.text for piece in streamed if piece.text]
    assert len(texts) > 1
    assert "".join(texts) == whole.answer.content
    assert [piece.is_final for piece in streamed] == [False] * (len(streamed) - 1) + [True]
    final = streamed[-1].response
    assert final is not None
    assert final.citations == whole.citations
    assert [citation.is_supported for citation in final.citations] == [True, False]
    assert final.is_grounded
    assert final.timings["answer"] >= 0


@pytest.mark.parametrize("voice", ["sync", "async"])
@pytest.mark.parametrize("kit", [None, ScriptedKit([])])
def test_without_a_kit_or_sources_there_is_one_piece_of_text(
    voice: str, kit: ScriptedKit | None
) -> None:
    with pipeline(kit) as rag:
        if kit is not None:
            rag.clear()
        sources, text, last = pieces(rag, voice)
    assert not sources.text
    assert last.response is not None
    assert text.text == last.response.answer.content
    assert last.response.is_grounded == (kit is None)


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_errors_come_through(voice: str) -> None:
    with pipeline(ScriptedKit([OverloadedError("busy")])) as rag, pytest.raises(OverloadedError):
        pieces(rag, voice)


class Cut(ScriptedKit):
    """A kit whose stream ends too early, and that sees when somebody hangs up."""

    closed = False

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        try:
            for word in ("It ", "lasts "):
                yield StreamChunk(delta=StreamDelta(text=word))
        finally:
            self.closed = True


def test_a_stream_without_its_end_is_no_answer() -> None:
    with pipeline(Cut([])) as rag, pytest.raises(StreamTruncatedError, match="final"):
        list(rag.stream_query(QUESTION))


def test_leaving_early_hangs_up_and_remembers_nothing() -> None:
    kit, memory = Cut([]), DictMemory()
    with pipeline(kit, memory=memory) as rag:
        stream = rag.stream_query(QUESTION, conversation_id="c1")
        assert next(stream).sources
        assert next(stream).text == "It "
        stream.close()
    assert kit.closed
    assert memory.messages("c1") == []


def test_a_streamed_answer_is_remembered() -> None:
    memory = DictMemory()
    with pipeline(ScriptedKit(["Five years [1]."]), memory=memory) as rag:
        list(rag.stream_query(QUESTION, conversation_id="c1"))
    assert [str(turn.content) for turn in memory.messages("c1")] == [QUESTION, "Five years [1]."]
