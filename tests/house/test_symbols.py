"""The reference's public names that are built so far import from the paths promised for them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from distributions import distributions

PROMISED = {
    "racto.core": """
        RactoGatewayError RactoGatewayTimeoutError RactoGatewayAPIError RactoGatewayAuthError
        ResponseModelValidationError RateLimitExceededError
        ChatConfig Message MessageRole LLMResponse FinishReason ToolCallResult ToolSchema
        StreamChunk StreamDelta EmbeddingConfig EmbeddingResponse EmbeddingVector
        RactoFile RactoPrompt ToolRegistry tool Chunk Document RetrievalResult CacheStats Engine
    """,
    "racto.stores.memory": "InMemoryVectorStore",
    "racto.providers": "Gateway CostAwareRouter RoutingTier TokenTruncator TruncationConfig",
    "racto.providers.openai": "OpenAIDeveloperKit OpenAILLMKit Chat OpenAIEmbedder",
    "racto.providers.anthropic": "AnthropicDeveloperKit AnthropicLLMKit Chat",
    "racto.providers.google": "GoogleDeveloperKit GoogleLLMKit Chat GoogleEmbedder",
    "racto.providers.ollama": "OllamaDeveloperKit",
    "racto.providers.huggingface": "HuggingFaceDeveloperKit",
    "racto.providers.voyage": "VoyageEmbedder",
    "racto.rag": """
        RactoRAG RAGResponse FileReaderRegistry ProcessingPipeline FixedChunker RecursiveChunker
        SemanticChunker SentenceChunker TextCleaner Lemmatizer
    """,
    "racto.tools.mcp": """
        MCPAgent MCPClientConfig MCPMultiClient MCPServerConfig MCPToolResult RactoMCPClient
        RactoMCPServer
    """,
    "racto.stores.chroma": "ChromaStore",
    "racto.stores.faiss": "FAISSStore",
    "racto.stores.milvus": "MilvusStore",
    "racto.stores.pgvector": "PGVectorStore",
    "racto.stores.pinecone": "PineconeStore",
    "racto.stores.qdrant": "QdrantStore",
    "racto.stores.weaviate": "WeaviateStore",
    "racto.cache": """
        CacheConfig ChatMemoryConfig ExactMatchCache RateLimitConfig RedisChatMemory
        RedisExactCache RedisRateLimiter SemanticCache
    """,
    "racto.kafka": """
        KafkaAuditEvent KafkaAuditLogger KafkaConsumerClient KafkaConsumerConfig KafkaMessage
        KafkaProduceResult KafkaProducerClient KafkaProducerConfig KafkaPublishRequest
        KafkaStreamConfig KafkaStreamProcessor
    """,
    "racto.celery": "RactoCeleryWorker RetryConfig TaskResult TaskStatus",
    "racto.batch": """
        AnthropicBatchProcessor BatchItem BatchJobInfo BatchResult BatchStatus OpenAIBatchProcessor
    """,
    "racto.pipelines": """
        AsyncListClassifierPipeline AsyncSQLAnalystPipeline AuditEntry ChartSpec
        ClassifierRateLimitExceededError ClassifierResult ClassifierUsage ListClassifierPipeline
        PipelineUsage ReadOnlyViolationError SQLAnalystPipeline SQLAnalystResult
    """,
    "racto.finetune": """
        AnthropicFineTuner GeminiFineTuner OpenAIFineTuner RactoDataset RactoTrainingExample
        RactoTrainingMessage
    """,
    "racto.retrieval.server.processors": """
        AsyncPairwiseScoreProcessor AsyncQueryProcessor BatchDecomposeQueryProcessor
        BatchPairwiseScoreProcessor BatchProcessor BatchQueryProcessor Processor
    """,
    "racto.retrieval.server.cache": "Cache LRUCache RedisCache",
    "racto.retrieval.server.registry": """
        DummyProcessor ProcessorRegistry ServiceNotFound auto_register
    """,
}
# Names that the architecture's own issues promised beside the reference's.
OURS = {
    "racto.core": """
        Usage ChunkMetadata StreamBuilder RAGResponse matches parse_filter run arun step
        RateLimitError OverloadedError ContextLengthError ContentFilterError BadRequestError
        PermissionDeniedError QuotaExhaustedError APIConnectionError StreamTruncatedError
        UnsupportedFeatureError MissingExtraError
    """,
    "racto.core.protocols": "VectorStore Embedder ChatKit RequestCodec Encoding",
    "racto.batch": "GeminiBatchProcessor",
    "racto.providers": "FallbackKit PriceTable Catalog",
    "racto.providers.local": "LocalEmbedder",
    "racto.pipelines": """
        AnalysisSandbox ReadOnlySQLGuard SandboxLimitError SandboxViolationError
    """,
    "racto.testing": """
        OpenAIServer AnthropicServer GeminiServer OllamaServer HuggingFaceServer VoyageServer
        CassetteServer Reply Failure ToolCall Conduct LoopbackServer
    """,
}
NAMES = [
    f"{module}.{name}"
    for table in (PROMISED, OURS)
    for module, names in table.items()
    for name in names.split()
]


PLUGINS = [
    (group, name, target)
    for entry in distributions(Path(__file__).resolve().parents[2])
    for group, offered in entry.pyproject["project"].get("entry-points", {}).items()
    if group.startswith("racto.")
    for name, target in offered.items()
]


@pytest.mark.parametrize(("group", "name", "target"), PLUGINS)
def test_a_plug_in_is_found_by_its_name(group: str, name: str, target: str) -> None:
    from racto.core.discovery import find

    module, _, attribute = target.partition(":")
    assert find(group, name) is getattr(import_module(module), attribute)


@pytest.mark.parametrize("path", NAMES)
def test_a_promised_name_imports(path: str) -> None:
    module, _, name = path.rpartition(".")
    loaded = import_module(module)
    value = getattr(loaded, name)
    assert value is not None
    assert name in dir(loaded)
