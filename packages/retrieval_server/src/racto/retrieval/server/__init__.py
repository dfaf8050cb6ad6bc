"""Retrieval server: engines behind dynamic batching and caching, composed by a pipeline language."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .batching import (
        Batcher as Batcher,
        BatcherStats as BatcherStats,
        BatchSettings as BatchSettings,
    )
    from .cache import (
        Cache as Cache,
        LRUCache as LRUCache,
        RedisCache as RedisCache,
    )
    from .engines import (
        RRF as RRF,
        BM25Engine as BM25Engine,
        DenseEngine as DenseEngine,
        EngineHost as EngineHost,
        KitDecomposer as KitDecomposer,
        KitReranker as KitReranker,
        MaxP as MaxP,
        RerankerEngine as RerankerEngine,
        RetrieverEngine as RetrieverEngine,
        ScoreFusion as ScoreFusion,
    )
    from .errors import (
        DocumentNotFoundError as DocumentNotFoundError,
        InvalidRequestError as InvalidRequestError,
        PipelineError as PipelineError,
        QueueFullError as QueueFullError,
        ServiceClosedError as ServiceClosedError,
    )
    from .pipeline import (
        PipelineLimits as PipelineLimits,
        Pipelines as Pipelines,
        parse as parse,
    )
    from .processors import (
        AsyncPairwiseScoreProcessor as AsyncPairwiseScoreProcessor,
        AsyncQueryProcessor as AsyncQueryProcessor,
        BatchDecomposeQueryProcessor as BatchDecomposeQueryProcessor,
        BatchPairwiseScoreProcessor as BatchPairwiseScoreProcessor,
        BatchProcessor as BatchProcessor,
        BatchQueryProcessor as BatchQueryProcessor,
        Processor as Processor,
    )
    from .registry import (
        DummyProcessor as DummyProcessor,
        ProcessorRegistry as ProcessorRegistry,
        Registry as Registry,
        ServiceNotFound as ServiceNotFound,
        auto_register as auto_register,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "batching": "BatchSettings Batcher BatcherStats",
        "cache": "Cache LRUCache RedisCache",
        "engines": "BM25Engine DenseEngine EngineHost KitDecomposer KitReranker MaxP RRF"
        " RerankerEngine RetrieverEngine ScoreFusion",
        "errors": "DocumentNotFoundError InvalidRequestError PipelineError QueueFullError"
        " ServiceClosedError",
        "pipeline": "PipelineLimits Pipelines parse",
        "processors": "AsyncPairwiseScoreProcessor AsyncQueryProcessor"
        " BatchDecomposeQueryProcessor BatchPairwiseScoreProcessor BatchProcessor"
        " BatchQueryProcessor Processor",
        "registry": "DummyProcessor ProcessorRegistry Registry ServiceNotFound auto_register",
    },
)
