"""Contract suites that prove an implementation, and fakes that keep them.

Suites need the extra ``racto-core[testing]``; the fakes need nothing but the standard library.
"""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .contracts.audits import (
        AuditLoggerContract as AuditLoggerContract,
    )
    from .contracts.caches import (
        CacheContract as CacheContract,
        ExactCacheContract as ExactCacheContract,
    )
    from .contracts.chunkers import (
        ChunkerContract as ChunkerContract,
    )
    from .contracts.contract import (
        Contract as Contract,
        known_gap as known_gap,
        laws_of as laws_of,
    )
    from .contracts.embedders import (
        EmbedderContract as EmbedderContract,
    )
    from .contracts.engines import (
        EngineContract as EngineContract,
    )
    from .contracts.events import (
        EventSinkContract as EventSinkContract,
    )
    from .contracts.jobs import (
        JobQueueContract as JobQueueContract,
    )
    from .contracts.kits import (
        ChatKitContract as ChatKitContract,
    )
    from .contracts.limiters import (
        RateLimiterContract as RateLimiterContract,
    )
    from .contracts.memories import (
        ChatMemoryContract as ChatMemoryContract,
    )
    from .contracts.processors import (
        TextProcessorContract as TextProcessorContract,
    )
    from .contracts.readers import (
        ReaderContract as ReaderContract,
    )
    from .contracts.rerankers import (
        RerankerContract as RerankerContract,
    )
    from .contracts.retrievers import (
        RetrieverContract as RetrieverContract,
    )
    from .contracts.signatures import (
        signature_problems as signature_problems,
    )
    from .contracts.similarity_caches import (
        SimilarityCacheContract as SimilarityCacheContract,
    )
    from .contracts.stores import (
        VectorStoreContract as VectorStoreContract,
    )
    from .contracts.voices import (
        Voice as Voice,
        VoiceName as VoiceName,
        awaited as awaited,
    )
    from .fakes.audits import (
        ListAudit as ListAudit,
    )
    from .fakes.caches import (
        DictCache as DictCache,
        NearCache as NearCache,
    )
    from .fakes.chunkers import (
        WindowChunker as WindowChunker,
    )
    from .fakes.embedders import (
        HashEmbedder as HashEmbedder,
    )
    from .fakes.engines import (
        WordEngine as WordEngine,
    )
    from .fakes.events import (
        Event as Event,
        ListSink as ListSink,
    )
    from .fakes.jobs import (
        SAMPLE_JOBS as SAMPLE_JOBS,
        InlineQueue as InlineQueue,
    )
    from .fakes.kits import (
        Reply as Reply,
        ScriptedKit as ScriptedKit,
    )
    from .fakes.limiters import (
        WindowLimiter as WindowLimiter,
    )
    from .fakes.memories import (
        DictMemory as DictMemory,
    )
    from .fakes.processors import (
        SpaceFolder as SpaceFolder,
    )
    from .fakes.readers import (
        PlainReader as PlainReader,
    )
    from .fakes.rerankers import (
        WordReranker as WordReranker,
    )
    from .fakes.retrievers import (
        WordRetriever as WordRetriever,
    )
    from .fakes.stores import (
        DictStore as DictStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "contracts.audits": "AuditLoggerContract",
        "contracts.caches": "CacheContract ExactCacheContract",
        "contracts.chunkers": "ChunkerContract",
        "contracts.contract": "Contract known_gap laws_of",
        "contracts.embedders": "EmbedderContract",
        "contracts.engines": "EngineContract",
        "contracts.events": "EventSinkContract",
        "contracts.jobs": "JobQueueContract",
        "contracts.kits": "ChatKitContract",
        "contracts.limiters": "RateLimiterContract",
        "contracts.memories": "ChatMemoryContract",
        "contracts.processors": "TextProcessorContract",
        "contracts.readers": "ReaderContract",
        "contracts.rerankers": "RerankerContract",
        "contracts.retrievers": "RetrieverContract",
        "contracts.signatures": "signature_problems",
        "contracts.similarity_caches": "SimilarityCacheContract",
        "contracts.stores": "VectorStoreContract",
        "contracts.voices": "Voice VoiceName awaited",
        "fakes.audits": "ListAudit",
        "fakes.caches": "DictCache NearCache",
        "fakes.chunkers": "WindowChunker",
        "fakes.embedders": "HashEmbedder",
        "fakes.engines": "WordEngine",
        "fakes.events": "Event ListSink",
        "fakes.jobs": "InlineQueue SAMPLE_JOBS",
        "fakes.kits": "Reply ScriptedKit",
        "fakes.limiters": "WindowLimiter",
        "fakes.memories": "DictMemory",
        "fakes.processors": "SpaceFolder",
        "fakes.readers": "PlainReader",
        "fakes.rerankers": "WordReranker",
        "fakes.retrievers": "WordRetriever",
        "fakes.stores": "DictStore",
    },
)
