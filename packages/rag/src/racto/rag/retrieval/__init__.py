"""Finding chunks for a question: by words, by vectors, and by both."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .bm25 import BM25Index as BM25Index
    from .hybrid import (
        HybridRetriever as HybridRetriever,
        reciprocal_rank_fusion as reciprocal_rank_fusion,
    )
    from .keywords import KeywordRetriever as KeywordRetriever
    from .vector import VectorRetriever as VectorRetriever

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "bm25": "BM25Index",
        "hybrid": "HybridRetriever reciprocal_rank_fusion",
        "keywords": "KeywordRetriever",
        "vector": "VectorRetriever",
    },
)
