"""``racto-rag ask``: an answer with numbered citations."""

from __future__ import annotations

import argparse
import json
from contextlib import closing, nullcontext

from racto.core.answers import RAGResponse
from racto.rag.index import DocumentIndex

from .command import DONE
from .console import Console, duration, one_line
from .models import choose_model
from .parts import open_pipeline
from .shapes import citation_data, result_data


def perform(options: argparse.Namespace) -> int:
    """Answer the question."""
    # First of all: a wrong option is told before an index is loaded.
    chosen = choose_model(options)
    with (
        closing(chosen.kit) if chosen.kit is not None else nullcontext(),
        DocumentIndex(options.index) as index,
        open_pipeline(index, options, kit=chosen.kit, mode=options.mode) as rag,
    ):
        response = rag.query(options.question, top_k=options.top_k)
    if options.json:
        print(json.dumps(_data(response), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        show_answer(Console(), response, chosen.hint)
    return DONE


def show_answer(console: Console, response: RAGResponse, hint: str = "") -> None:
    """Print an answer and where its citations lead.

    Args:
        console: Where to print.
        response: The answer.
        hint: What else the user could do; empty for nothing.
    """
    answer = response.answer
    console.say()
    for line in (answer.content or "(the model gave no answer)").splitlines():
        console.say(f"  {line}")
    console.say()
    for citation in response.citations:
        place = citation.location if citation.is_supported else "no such source: not supported"
        console.say(f"  [{citation.number}] {one_line(place)}")
    if not response.is_grounded and response.sources:
        console.say("  Nearest passages:")
        for result in response.sources[:3]:
            console.say(f"   - {_place(result.chunk.metadata.source, result.chunk.metadata.page)}")
    searched = duration(response.timings["search"])
    written = duration(response.timings["answer"])
    console.say()
    console.say(f"  searched in {searched}, answered in {written} by {answer.provider}")
    if hint:
        console.say(f"  {hint}")


def _place(source: str, page: int | None) -> str:
    return one_line(source if page is None else f"{source}, page {page}")


def _data(response: RAGResponse) -> dict[str, object]:
    answer = response.answer
    return {
        "question": response.query,
        "answer": answer.content,
        "is_grounded": response.is_grounded,
        "citations": [citation_data(citation) for citation in response.citations],
        "sources": [result_data(result) for result in response.sources],
        "provider": answer.provider,
        "model": answer.model,
        "usage": answer.usage.model_dump(mode="json"),
        "seconds": dict(response.timings),
    }
