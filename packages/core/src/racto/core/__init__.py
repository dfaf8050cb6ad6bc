"""Data models, errors, flows and filters that all racto libraries share."""

from typing import TYPE_CHECKING

from .lazy import lazily

if TYPE_CHECKING:
    from .answers import (
        Citation as Citation,
        RAGResponse as RAGResponse,
    )
    from .chat import (
        ChatConfig as ChatConfig,
        OnUnsupported as OnUnsupported,
    )
    from .content import (
        AudioPart as AudioPart,
        ContentPart as ContentPart,
        DocumentPart as DocumentPart,
        ImagePart as ImagePart,
        LinkPart as LinkPart,
        ProviderPart as ProviderPart,
        ReasoningPart as ReasoningPart,
        RefusalPart as RefusalPart,
        TextPart as TextPart,
        ToolCallPart as ToolCallPart,
        ToolCallResult as ToolCallResult,
        ToolResultPart as ToolResultPart,
        UploadedFilePart as UploadedFilePart,
    )
    from .documents import (
        Chunk as Chunk,
        ChunkMetadata as ChunkMetadata,
        Document as Document,
        RetrievalConfig as RetrievalConfig,
        RetrievalResult as RetrievalResult,
        Section as Section,
    )
    from .embeddings import (
        EmbeddingConfig as EmbeddingConfig,
        EmbeddingResponse as EmbeddingResponse,
        EmbeddingVector as EmbeddingVector,
    )
    from .engines import (
        Engine as Engine,
    )
    from .errors import (
        APIConnectionError as APIConnectionError,
        BadRequestError as BadRequestError,
        BinaryDocumentError as BinaryDocumentError,
        ConfigurationError as ConfigurationError,
        ContentFilterError as ContentFilterError,
        ContextLengthError as ContextLengthError,
        DeadlineExceededError as DeadlineExceededError,
        DimensionMismatchError as DimensionMismatchError,
        DocumentChangedError as DocumentChangedError,
        DocumentTooLargeError as DocumentTooLargeError,
        EmbeddingError as EmbeddingError,
        EmptyDocumentError as EmptyDocumentError,
        EncryptedDocumentError as EncryptedDocumentError,
        EngineError as EngineError,
        FilterError as FilterError,
        IndexCorruptError as IndexCorruptError,
        IndexLockedError as IndexLockedError,
        InvalidEmbeddingError as InvalidEmbeddingError,
        InvalidResponseError as InvalidResponseError,
        JobError as JobError,
        MissingEmbeddingError as MissingEmbeddingError,
        MissingExtraError as MissingExtraError,
        NotFoundError as NotFoundError,
        OverloadedError as OverloadedError,
        PartialWriteError as PartialWriteError,
        PermissionDeniedError as PermissionDeniedError,
        PluginNotFoundError as PluginNotFoundError,
        QuotaExhaustedError as QuotaExhaustedError,
        RactoGatewayAPIError as RactoGatewayAPIError,
        RactoGatewayAuthError as RactoGatewayAuthError,
        RactoGatewayError as RactoGatewayError,
        RactoGatewayTimeoutError as RactoGatewayTimeoutError,
        RateLimitError as RateLimitError,
        RateLimitExceededError as RateLimitExceededError,
        ReadError as ReadError,
        ResponseModelValidationError as ResponseModelValidationError,
        SchemaError as SchemaError,
        ServerError as ServerError,
        StoreClosedError as StoreClosedError,
        StoreError as StoreError,
        StreamTruncatedError as StreamTruncatedError,
        ToolArgumentsError as ToolArgumentsError,
        ToolError as ToolError,
        ToolExecutionError as ToolExecutionError,
        ToolNotFoundError as ToolNotFoundError,
        UnsupportedFeatureError as UnsupportedFeatureError,
        UnsupportedFormatError as UnsupportedFormatError,
    )
    from .files import (
        RactoFile as RactoFile,
    )
    from .filters import (
        Filter as Filter,
        matches as matches,
        parse_filter as parse_filter,
    )
    from .flows import (
        Flow as Flow,
        arun as arun,
        gather as gather,
        run as run,
        step as step,
        threaded as threaded,
    )
    from .logprobs import (
        TokenLogprob as TokenLogprob,
    )
    from .messages import (
        Message as Message,
        MessageRole as MessageRole,
    )
    from .prompts import (
        RactoPrompt as RactoPrompt,
    )
    from .requests import (
        ChatRequest as ChatRequest,
    )
    from .responses import (
        FinishReason as FinishReason,
        LLMResponse as LLMResponse,
    )
    from .retries import (
        NO_DEADLINE as NO_DEADLINE,
        Deadline as Deadline,
        RetryPolicy as RetryPolicy,
        parse_retry_after as parse_retry_after,
        retrying as retrying,
    )
    from .schemas import (
        schema_of as schema_of,
    )
    from .secrets import (
        redact as redact,
        resolve_secret as resolve_secret,
    )
    from .signatures import (
        Injected as Injected,
    )
    from .stats import (
        CacheStats as CacheStats,
    )
    from .stream import (
        StreamBuilder as StreamBuilder,
        StreamChunk as StreamChunk,
        StreamDelta as StreamDelta,
    )
    from .tools import (
        ParamSchema as ParamSchema,
        ToolAnnotations as ToolAnnotations,
        ToolRegistry as ToolRegistry,
        ToolSchema as ToolSchema,
        tool as tool,
    )
    from .usage import (
        Usage as Usage,
        UsageState as UsageState,
    )
    from .vectors import (
        Matrix as Matrix,
        Vector as Vector,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "answers": "Citation RAGResponse",
        "chat": "ChatConfig OnUnsupported",
        "content": """
            AudioPart ContentPart DocumentPart ImagePart LinkPart ProviderPart ReasoningPart
            RefusalPart TextPart ToolCallPart ToolCallResult ToolResultPart UploadedFilePart
        """,
        "documents": "Chunk ChunkMetadata Document RetrievalConfig RetrievalResult Section",
        "embeddings": "EmbeddingConfig EmbeddingResponse EmbeddingVector",
        "engines": "Engine",
        "errors": """
            APIConnectionError BadRequestError BinaryDocumentError ConfigurationError
            ContentFilterError ContextLengthError DeadlineExceededError DimensionMismatchError
            DocumentChangedError DocumentTooLargeError EmbeddingError EmptyDocumentError
            EncryptedDocumentError EngineError FilterError IndexCorruptError IndexLockedError
            InvalidEmbeddingError InvalidResponseError JobError MissingEmbeddingError MissingExtraError NotFoundError
            OverloadedError PartialWriteError PermissionDeniedError PluginNotFoundError
            QuotaExhaustedError RactoGatewayAPIError RactoGatewayAuthError RactoGatewayError
            RactoGatewayTimeoutError RateLimitError RateLimitExceededError ReadError
            ResponseModelValidationError SchemaError ServerError StoreClosedError StoreError
            StreamTruncatedError ToolArgumentsError ToolError ToolExecutionError ToolNotFoundError
            UnsupportedFeatureError UnsupportedFormatError
        """,
        "files": "RactoFile",
        "filters": "Filter matches parse_filter",
        "flows": "Flow arun gather run step threaded",
        "logprobs": "TokenLogprob",
        "messages": "Message MessageRole",
        "prompts": "RactoPrompt",
        "requests": "ChatRequest",
        "responses": "FinishReason LLMResponse",
        "retries": "NO_DEADLINE Deadline RetryPolicy parse_retry_after retrying",
        "schemas": "schema_of",
        "secrets": "redact resolve_secret",
        "signatures": "Injected",
        "stats": "CacheStats",
        "stream": "StreamBuilder StreamChunk StreamDelta",
        "tools": "ParamSchema ToolAnnotations ToolRegistry ToolSchema tool",
        "usage": "Usage UsageState",
        "vectors": "Matrix Vector",
    },
)
