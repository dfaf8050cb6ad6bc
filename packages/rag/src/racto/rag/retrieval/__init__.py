"""Finding chunks for a question: by words, by vectors, by both, and in better order."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .bm25 import BM25Index as BM25Index
    from .diversity import MMRRetriever as MMRRetriever
    from .engine_reranker import EngineReranker as EngineReranker
    from .expansion import MultiQueryRetriever as MultiQueryRetriever
    from .flow_retriever import (
        FlowRetriever as FlowRetriever,
        retrieve_all as retrieve_all,
    )
    from .hybrid import (
        HybridRetriever as HybridRetriever,
        reciprocal_rank_fusion as reciprocal_rank_fusion,
        score_fusion as score_fusion,
    )
    from .hypotheses import HyDERetriever as HyDERetriever
    from .keywords import KeywordRetriever as KeywordRetriever
    from .kit_reranker import KitReranker as KitReranker
    from .lookups import ChunkRange as ChunkRange
    from .neighbours import NeighbourRetriever as NeighbourRetriever
    from .parents import ParentRetriever as ParentRetriever
    from .reranking import (
        BatchReranker as BatchReranker,
        RerankingRetriever as RerankingRetriever,
    )
    from .vector import (
        QuestionsEmbedder as QuestionsEmbedder,
        VectorRetriever as VectorRetriever,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "bm25": "BM25Index",
        "diversity": "MMRRetriever",
        "engine_reranker": "EngineReranker",
        "expansion": "MultiQueryRetriever",
        "flow_retriever": "FlowRetriever retrieve_all",
        "hybrid": "HybridRetriever reciprocal_rank_fusion score_fusion",
        "hypotheses": "HyDERetriever",
        "keywords": "KeywordRetriever",
        "kit_reranker": "KitReranker",
        "lookups": "ChunkRange",
        "neighbours": "NeighbourRetriever",
        "parents": "ParentRetriever",
        "reranking": "BatchReranker RerankingRetriever",
        "vector": "QuestionsEmbedder VectorRetriever",
    },
)
