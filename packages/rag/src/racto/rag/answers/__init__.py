"""From retrieved chunks to answers: quoted from the sources, or written by a model and checked."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .citations import (
        check_citations as check_citations,
        cited_numbers as cited_numbers,
    )
    from .extractive import (
        NOTHING_SAID as NOTHING_SAID,
        ExtractiveAnswer as ExtractiveAnswer,
        ExtractiveAnswerer as ExtractiveAnswerer,
    )
    from .generated import (
        GeneratedAnswer as GeneratedAnswer,
        GeneratedAnswerer as GeneratedAnswerer,
        default_prompt as default_prompt,
    )
    from .streaming import RAGStreamChunk as RAGStreamChunk

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "citations": "check_citations cited_numbers",
        "extractive": "NOTHING_SAID ExtractiveAnswer ExtractiveAnswerer",
        "generated": "GeneratedAnswer GeneratedAnswerer default_prompt",
        "streaming": "RAGStreamChunk",
    },
)
