"""``racto-rag ask``: an answer with numbered citations."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from contextlib import closing, nullcontext

from racto.core.answers import RAGResponse
from racto.core.errors import StreamTruncatedError
from racto.rag.answers import RAGStreamChunk
from racto.rag.index import DocumentIndex

from .command import DONE
from .console import Console, duration, one_line
from .models import choose_model
from .parts import filters_of, open_pipeline
from .shapes import citation_data, result_data


def perform(options: argparse.Namespace) -> int:
    """Answer the question."""
    # First of all: a wrong option is told before an index is loaded.
    chosen = choose_model(options)
    console = Console()
    with (
        closing(chosen.kit) if chosen.kit is not None else nullcontext(),
        DocumentIndex(options.index) as index,
        open_pipeline(index, options, kit=chosen.kit, mode=options.mode) as rag,
    ):
        asked = (options.question, options.top_k, filters_of(options))
        if options.json:
            response = rag.query(*asked)
        else:
            response = _streamed(console, rag.stream_query(*asked))
    if options.json:
        print(json.dumps(_data(response), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        show_citations(console, response, chosen.hint)
    return DONE


def _streamed(console: Console, pieces: Iterable[RAGStreamChunk]) -> RAGResponse:
    """Print an answer as it comes."""
    console.say()
    console.write("  ")
    response = None
    for piece in pieces:
        console.write(piece.text.replace("\n", "\n  "))
        response = piece.response or response
    if response is None:
        raise StreamTruncatedError("the answer ended without its last piece")
    if not response.answer.content:
        console.write("(the model gave no answer)")
    console.say()
    console.say()
    return response


def show_citations(console: Console, response: RAGResponse, hint: str = "") -> None:
    """Print where the citations of an answer lead.

    Args:
        console: Where to print.
        response: The answer.
        hint: What else the user could do; empty for nothing.
    """
    answer = response.answer
    for citation in response.citations:
        place = citation.location if citation.source else "no such source: not supported"
        if citation.source and not citation.is_supported:
            place += " (not supported: what is quoted stands in no source)"
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
