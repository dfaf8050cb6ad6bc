"""The reference package's list classifier, on a kit that answers at once."""

from __future__ import annotations

from collections.abc import Callable

from instant_kit import InstantKit, options, words
from ractogateway.adapters.base import FinishReason, LLMResponse
from ractogateway.pipelines import ListClassifierPipeline

TEXT = "My invoice of last month is wrong, and nobody answers the phone."


def once(count: int) -> Callable[[], None]:
    """One text for ``count`` options."""
    reply = LLMResponse(content=words(count), finish_reason=FinishReason.STOP, usage={})
    pipeline = ListClassifierPipeline(InstantKit(reply), options=options(count))
    wanted = options(count)[-1]

    def call() -> None:
        assert pipeline.run(TEXT).first == wanted

    return call
