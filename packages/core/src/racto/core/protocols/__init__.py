"""The protocols through which racto libraries meet, one file a family."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .audits import (
        AuditLogger as AuditLogger,
    )
    from .batches import (
        BatchProcessor as BatchProcessor,
    )
    from .caches import (
        Coalescing as Coalescing,
        ExactCache as ExactCache,
        Lead as Lead,
        SemanticHit as SemanticHit,
        SimilarityCache as SimilarityCache,
    )
    from .chat import (
        ChatKit as ChatKit,
        EmbeddingKit as EmbeddingKit,
        TokenCounter as TokenCounter,
    )
    from .chunkers import (
        Chunker as Chunker,
    )
    from .codecs import (
        Encoding as Encoding,
        RequestCodec as RequestCodec,
        Templating as Templating,
    )
    from .embedders import (
        Embedder as Embedder,
        Fingerprinted as Fingerprinted,
        QueryEmbedder as QueryEmbedder,
    )
    from .engines import (
        DecomposeEngine as DecomposeEngine,
        FuseEngine as FuseEngine,
        ScoreEngine as ScoreEngine,
        Scores as Scores,
        SearchEngine as SearchEngine,
    )
    from .events import (
        EventSink as EventSink,
    )
    from .jobs import (
        JobQueue as JobQueue,
        JobState as JobState,
        JobStatus as JobStatus,
    )
    from .limiters import (
        RateLimiter as RateLimiter,
        Reservation as Reservation,
        Reserving as Reserving,
    )
    from .memories import (
        ChatMemory as ChatMemory,
    )
    from .metrics import (
        Metrics as Metrics,
    )
    from .processors import (
        TextProcessor as TextProcessor,
    )
    from .readers import (
        Reader as Reader,
        ReadSource as ReadSource,
    )
    from .rerankers import (
        Reranker as Reranker,
    )
    from .retrievers import (
        BatchRetriever as BatchRetriever,
        KeywordIndex as KeywordIndex,
        Retriever as Retriever,
    )
    from .stores import (
        BatchSearch as BatchSearch,
        ChunkLookup as ChunkLookup,
        ChunkScan as ChunkScan,
        Collection as Collection,
        FilterDelete as FilterDelete,
        VectorStore as VectorStore,
    )
    from .tracing import (
        Span as Span,
        Tracer as Tracer,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "audits": "AuditLogger",
        "batches": "BatchProcessor",
        "caches": "Coalescing ExactCache Lead SemanticHit SimilarityCache",
        "chat": "ChatKit EmbeddingKit TokenCounter",
        "chunkers": "Chunker",
        "codecs": "Encoding RequestCodec Templating",
        "embedders": "Embedder Fingerprinted QueryEmbedder",
        "engines": "DecomposeEngine FuseEngine ScoreEngine Scores SearchEngine",
        "events": "EventSink",
        "jobs": "JobQueue JobState JobStatus",
        "limiters": "RateLimiter Reservation Reserving",
        "memories": "ChatMemory",
        "metrics": "Metrics",
        "processors": "TextProcessor",
        "readers": "ReadSource Reader",
        "rerankers": "Reranker",
        "retrievers": "BatchRetriever KeywordIndex Retriever",
        "stores": "BatchSearch ChunkLookup ChunkScan Collection FilterDelete VectorStore",
        "tracing": "Span Tracer",
    },
)
