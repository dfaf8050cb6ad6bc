"""racto's list classifier: one text, many at once, and thousands of options."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from instant_kit import InstantKit, options, words  # type: ignore[import-not-found]

from racto.core import LLMResponse, Usage
from racto.pipelines.list_classifier import ListClassifierPipeline

TEXT = "My invoice of last month is wrong, and nobody answers the phone."


def _kit(content: str, seconds: float = 0.0) -> InstantKit:
    usage = Usage(input_tokens=100, output_tokens=10)
    return InstantKit(LLMResponse(content=content, usage=usage), seconds=seconds)


def once(count: int) -> Callable[[], None]:
    """One text for ``count`` options."""
    pipeline = ListClassifierPipeline(_kit(words(count)), options=options(count))
    wanted = options(count)[-1]

    def call() -> None:
        assert pipeline.run(TEXT).first == wanted

    return call


def many(count: int, width: int) -> Callable[[], int]:
    """``count`` different texts, ``width`` at once."""
    pipeline = ListClassifierPipeline(_kit(words(5), 0.01), options=options(5))
    texts = [f"{TEXT} {number}" for number in range(count)]
    loop = asyncio.new_event_loop()

    def call() -> int:
        found = loop.run_until_complete(pipeline.abatch_run(texts, max_concurrency=width))
        assert len(found) == count
        return count

    return call


def shortlisted(count: int) -> Callable[[], None]:
    """One text for the nearest of ``count`` options; another text each time."""
    from racto.core.discovery import create

    names = [f"{verb} {thing} {number}" for number in range(count // 16 + 1)
             for verb in ("book", "cancel", "plan", "pay") for thing in
             ("flight", "hotel", "holiday", "dinner")][:count]  # fmt: skip
    pipeline = ListClassifierPipeline(
        _kit('{"selected": "Other"}'),
        options=names,
        # Stands in each shortlist, so that the reply can be made before.
        uncertain_label="Other",
        embedder=create("racto.embedders", "local"),
    )
    place = 0

    def call() -> None:
        nonlocal place
        place += 1
        assert pipeline.run(f"I want to plan a holiday 0 in {place} days").shortlisted

    return call
