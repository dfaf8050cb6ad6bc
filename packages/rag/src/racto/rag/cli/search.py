"""``racto-rag search``: the passages that fit best, with where they stand."""

from __future__ import annotations

import argparse
import json
import textwrap

from racto.rag.index import DocumentIndex

from .command import DONE
from .console import Console, one_line
from .parts import filters_of, open_pipeline
from .shapes import result_data


def perform(options: argparse.Namespace) -> int:
    """Find and print passages."""
    with (
        DocumentIndex(options.index) as index,
        open_pipeline(index, options, mode=options.mode) as rag,
    ):
        results = rag.retrieve(options.query, top_k=options.top_k, filters=filters_of(options))
    if options.json:
        data = [result_data(result) for result in results]
        print(json.dumps(data, indent=2, ensure_ascii=False))  # noqa: T201
        return DONE
    console = Console()
    if not results:
        console.say("No passage fits.")
    for result in results:
        facts = result.chunk.metadata
        place = [facts.source]
        if facts.page is not None:
            place.append(f"page {facts.page}")
        place.append(f"characters {facts.start_char}-{facts.end_char}")
        console.say(
            f"{result.rank}. {one_line(', '.join(place))}  ({result.score:.2f})", strong=True
        )
        # Enough to judge by; --json has it all.
        excerpt = textwrap.shorten(result.chunk.content, 240, placeholder=" …")
        console.say(textwrap.indent(textwrap.fill(excerpt, 92), "   "))
        console.say()
    return DONE
