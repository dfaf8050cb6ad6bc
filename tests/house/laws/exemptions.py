"""Every exemption from a law of the house, each with its reason; there are no others."""

# ruff: noqa: SIM905 - a block of names reads better than a list of quoted ones
from __future__ import annotations

_CALLED_SO = "the reference's users pass these parameters by position"
_AWAITED_SO = "the reference's engines and processors have an async method of this very name"

# Services of the reference whose positional parameters stay; none of our own belongs here.
FIXED_BY_REFERENCE: dict[str, str] = dict.fromkeys(
    """
    MCPAgent RactoMCPClient RactoMCPServer RactoRAG FixedChunker RecursiveChunker
    SemanticChunker SentenceChunker Lemmatizer TextCleaner OpenAIDeveloperKit
    AnthropicDeveloperKit GoogleDeveloperKit OllamaDeveloperKit HuggingFaceDeveloperKit
    OpenAILLMKit AnthropicLLMKit GoogleLLMKit Gateway Chat ChromaStore RactoDataset
    RactoTrainingMessage OpenAIFineTuner AnthropicFineTuner GeminiFineTuner
    ExactMatchCache SemanticCache RedisExactCache RedisChatMemory RedisRateLimiter CostAwareRouter TokenTruncator
    KafkaAuditLogger KafkaStreamProcessor RactoCeleryWorker OpenAIBatchProcessor
    AnthropicBatchProcessor SQLAnalystPipeline AsyncSQLAnalystPipeline ListClassifierPipeline
    AsyncListClassifierPipeline Processor BatchProcessor AsyncQueryProcessor
    BatchQueryProcessor BatchDecomposeQueryProcessor AsyncPairwiseScoreProcessor
    BatchPairwiseScoreProcessor ContentProcessor IRDSProcessor RelayContentProcessor LRUCache
    RedisCache OffsetFile MSMARCOSegOffset
    """.split(),
    _CALLED_SO,
)

# Frozen dataclasses of the reference that are made with positional arguments.
POSITIONAL_DATA: dict[str, str] = {"RactoFile": _CALLED_SO}

# Classes of the reference whose async methods carry plain names.
ASYNC_BY_REFERENCE: dict[str, str] = dict.fromkeys(
    """
    Engine Processor BatchProcessor Cache LRUCache RedisCache
    ContentProcessor IRDSProcessor RelayContentProcessor DummyProcessor
    BatchQueryProcessor BatchDecomposeQueryProcessor BatchPairwiseScoreProcessor Registry
    DenseEngine KitDecomposer KitReranker RerankerEngine RetrieverEngine
    MCPAgent RactoMCPClient MCPMultiClient RactoMCPServer
    """.split(),
    _AWAITED_SO,
) | dict.fromkeys(
    ("Batcher", "Flights", "PipelineRun"),
    "it joins tasks of one event loop; a caller who blocks would have nobody to be joined with",
)
