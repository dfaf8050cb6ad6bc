"""A conversation is remembered, put before the model, and searched for in full sentences."""

from __future__ import annotations

import asyncio

import pytest

from racto.core import Message
from racto.core.errors import ConfigurationError, OverloadedError
from racto.core.testing import DictMemory, DictStore, HashEmbedder, ScriptedKit
from racto.rag import RactoRAG, RAGResponse

GUIDE = "The pump is guaranteed for five years. The filter is guaranteed for one year."


def pipeline(kit: ScriptedKit | None, memory: DictMemory | None) -> RactoRAG:
    rag = RactoRAG(DictStore(), HashEmbedder(64), llm_kit=kit, memory=memory)
    rag.ingest_text(GUIDE, source="guide")
    return rag


def ask(rag: RactoRAG, question: str, voice: str) -> RAGResponse:
    if voice == "sync":
        return rag.query(question, conversation_id="c1")
    return asyncio.run(rag.aquery(question, conversation_id="c1"))


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_what_was_said_reaches_the_model_and_the_search(voice: str) -> None:
    kit = ScriptedKit(["Five years [1].", "How long is the filter guaranteed?", "One year [1]."])
    memory = DictMemory()
    with pipeline(kit, memory) as rag:
        ask(rag, "How long is the pump guaranteed?", voice)
        second = ask(rag, "And the other one?", voice)
    assert second.query == "And the other one?"
    assert second.answer.content == "One year [1]."
    first, rewrite, last = kit.requests
    assert first.history == ()
    assert "And the other one?" in rewrite.user_message
    assert "Five years" in rewrite.user_message
    assert [str(turn.content) for turn in last.history] == [
        "How long is the pump guaranteed?", "Five years [1].",
    ]  # fmt: skip
    # The passages are for one answer only; the memory keeps what people said.
    assert [str(turn.content) for turn in memory.messages("c1")] == [
        "How long is the pump guaranteed?", "Five years [1].",
        "And the other one?", "One year [1].",
    ]  # fmt: skip


@pytest.mark.parametrize("rewriting", ["", "   ", "x" * 5000])
def test_a_rewriting_of_no_use_is_not_used(rewriting: str) -> None:
    kit = ScriptedKit([rewriting, "One year [1]."])
    memory = DictMemory()
    memory.extend("c1", [Message.user("hello"), Message.assistant("hi")])
    with pipeline(kit, memory) as rag:
        reply = rag.query("How long is the filter guaranteed?", conversation_id="c1")
    assert reply.sources


def test_without_a_kit_quotations_are_remembered() -> None:
    memory = DictMemory()
    with pipeline(None, memory) as rag:
        rag.query("How long is the pump guaranteed?", conversation_id="c1")
    asked, answered = memory.messages("c1")
    assert asked.role == "user"
    assert "five years" in str(answered.content)


def test_an_answer_that_failed_leaves_nothing_behind() -> None:
    kit, memory = ScriptedKit([OverloadedError("busy")]), DictMemory()
    with pipeline(kit, memory) as rag, pytest.raises(OverloadedError):
        rag.query("How long?", conversation_id="c1")
    assert memory.messages("c1") == []


def test_conversations_are_apart_and_other_questions_are_not_kept() -> None:
    kit, memory = ScriptedKit(["A [1].", "B [1].", "C [1]."]), DictMemory()
    with pipeline(kit, memory) as rag:
        rag.query("one?", conversation_id="a")
        rag.query("two?", conversation_id="b")
        rag.query("three?")
    assert len(memory.messages("a")) == len(memory.messages("b")) == 2
    assert [request.history for request in kit.requests] == [(), (), ()]


def test_a_conversation_needs_a_memory() -> None:
    with pipeline(None, None) as rag, pytest.raises(ConfigurationError, match="memory"):
        rag.query("How long?", conversation_id="c1")
