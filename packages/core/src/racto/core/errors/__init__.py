"""Every error that racto raises: one tree, each saying whether to retry and what to do.

The tree (a test compares this drawing with the classes)::

    RactoGatewayError
        RactoGatewayTimeoutError
            DeadlineExceededError
        RactoGatewayAPIError
            RateLimitError
            QuotaExhaustedError
            OverloadedError
            ServerError
            APIConnectionError
            BadRequestError
                ContextLengthError
            NotFoundError
            ContentFilterError
            InvalidResponseError
            StreamTruncatedError
        RactoGatewayAuthError
            PermissionDeniedError
        ResponseModelValidationError
        RateLimitExceededError
        ConfigurationError
            MissingExtraError
            PluginNotFoundError
            UnsupportedFeatureError
            SchemaError
            FilterError
        ToolError
            ToolNotFoundError
            ToolArgumentsError
            ToolExecutionError
        EmbeddingError
        StoreError
            MissingEmbeddingError
            InvalidEmbeddingError
            DimensionMismatchError
            StoreClosedError
            PartialWriteError
            IndexCorruptError
            IndexLockedError
        ReadError
            UnsupportedFormatError
            EmptyDocumentError
            EncryptedDocumentError
            BinaryDocumentError
            DocumentTooLargeError
            DocumentChangedError
        JobError
        EngineError

Messages pass through :func:`racto.core.secrets.redact`; no key reaches a log by way of an error.
A back end without a branch of its own, such as Redis or a broker, fails with the provider's errors
(``APIConnectionError``, ``RactoGatewayAuthError``, ...) and its name as ``provider``.
"""

from .documents import (
    BinaryDocumentError as BinaryDocumentError,
    DocumentChangedError as DocumentChangedError,
    DocumentTooLargeError as DocumentTooLargeError,
    EmptyDocumentError as EmptyDocumentError,
    EncryptedDocumentError as EncryptedDocumentError,
    ReadError as ReadError,
    UnsupportedFormatError as UnsupportedFormatError,
)
from .providers import (
    APIConnectionError as APIConnectionError,
    BadRequestError as BadRequestError,
    ContentFilterError as ContentFilterError,
    ContextLengthError as ContextLengthError,
    DeadlineExceededError as DeadlineExceededError,
    InvalidResponseError as InvalidResponseError,
    NotFoundError as NotFoundError,
    OverloadedError as OverloadedError,
    PermissionDeniedError as PermissionDeniedError,
    QuotaExhaustedError as QuotaExhaustedError,
    RactoGatewayAPIError as RactoGatewayAPIError,
    RactoGatewayAuthError as RactoGatewayAuthError,
    RactoGatewayTimeoutError as RactoGatewayTimeoutError,
    RateLimitError as RateLimitError,
    ResponseModelValidationError as ResponseModelValidationError,
    ServerError as ServerError,
    StreamTruncatedError as StreamTruncatedError,
)
from .root import (
    RactoGatewayError as RactoGatewayError,
)
from .services import (
    EngineError as EngineError,
    JobError as JobError,
    RateLimitExceededError as RateLimitExceededError,
)
from .settings import (
    ConfigurationError as ConfigurationError,
    FilterError as FilterError,
    MissingExtraError as MissingExtraError,
    PluginNotFoundError as PluginNotFoundError,
    SchemaError as SchemaError,
    UnsupportedFeatureError as UnsupportedFeatureError,
)
from .stores import (
    DimensionMismatchError as DimensionMismatchError,
    EmbeddingError as EmbeddingError,
    IndexCorruptError as IndexCorruptError,
    IndexLockedError as IndexLockedError,
    InvalidEmbeddingError as InvalidEmbeddingError,
    MissingEmbeddingError as MissingEmbeddingError,
    PartialWriteError as PartialWriteError,
    StoreClosedError as StoreClosedError,
    StoreError as StoreError,
)
from .tools import (
    ToolArgumentsError as ToolArgumentsError,
    ToolError as ToolError,
    ToolExecutionError as ToolExecutionError,
    ToolNotFoundError as ToolNotFoundError,
)
