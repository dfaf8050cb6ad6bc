"""PageAnswers quotes or has a kit write, and places citations in the documents."""

from __future__ import annotations

from racto.core import Document
from racto.core.documents import Section
from racto.core.flows import arun, run
from racto.core.testing import ScriptedKit
from racto.rag.answers.extractive import ExtractiveAnswerer
from racto.rag.answers.generated import GeneratedAnswerer
from racto.rag.pages import PageChunker, PageIndex
from racto.rag.pages.page_index import Source
from racto.rag.pages.responses import PageAnswers

TEXT = "Bees live in hives.\n# Winter\nBees keep their hives warm in winter."
OPTIONS = {"prompt": None, "temperature": None, "max_tokens": 100}


def indexed() -> PageIndex:
    index = PageIndex()
    document = Document(
        content=TEXT,
        source="bees.md",
        doc_id="bees",
        sections=(Section(start=20, title="Winter"),),
    )
    pages = tuple(PageChunker(200, 0).chunk(document))
    index.replace(Source(key="bees", digest="", outline=document, pages=pages))
    return index


async def test_a_quotation_is_placed_under_its_own_heading() -> None:
    index = indexed()
    answers = PageAnswers(index, None, extractive=ExtractiveAnswerer(), budget=100)
    question = "What do bees keep warm in winter?"
    found = index.retrieve(question)
    reply = run(answers.flow(question, found, OPTIONS))
    assert reply.is_grounded
    (citation,) = reply.citations
    # The page begins above the heading; what is quoted stands below it.
    assert (found[0].chunk.metadata.section, citation.section) == (None, "Winter")
    assert reply.answer.model == "extractive"
    assert await arun(answers.flow(question, found, OPTIONS)) == reply


def test_a_kit_writes_within_the_budget() -> None:
    index, kit = indexed(), ScriptedKit(["In winter [1]."])
    answers = PageAnswers(
        index, GeneratedAnswerer(kit, budget=12), extractive=ExtractiveAnswerer(), budget=12
    )
    reply = run(answers.flow("winter?", index.retrieve("winter"), OPTIONS))
    assert reply.citations[0].is_supported
    assert "hives warm" not in reply.context_used


def test_without_pages_no_kit_is_asked() -> None:
    kit = ScriptedKit([])
    answers = PageAnswers(
        indexed(), GeneratedAnswerer(kit), extractive=ExtractiveAnswerer(), budget=100
    )
    reply = run(answers.flow("moon?", [], OPTIONS))
    assert not reply.is_grounded
    assert kit.requests == []
