"""Engines: where they run, those that need no model, and those that serve one."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .bm25 import BM25Engine as BM25Engine
    from .dense import DenseEngine as DenseEngine
    from .fusion import RRF as RRF, MaxP as MaxP, ScoreFusion as ScoreFusion
    from .hosts import EngineHost as EngineHost, host_of as host_of
    from .kit_decomposer import KitDecomposer as KitDecomposer
    from .kit_reranker import KitReranker as KitReranker
    from .rerankers import RerankerEngine as RerankerEngine
    from .retrievers import RetrieverEngine as RetrieverEngine

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "bm25": "BM25Engine",
        "dense": "DenseEngine",
        "fusion": "MaxP RRF ScoreFusion",
        "hosts": "EngineHost host_of",
        "kit_decomposer": "KitDecomposer",
        "kit_reranker": "KitReranker",
        "rerankers": "RerankerEngine",
        "retrievers": "RetrieverEngine",
    },
)
