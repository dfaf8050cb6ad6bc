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
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .secrets import redact


class RactoGatewayError(Exception):
    """Base of every error that racto raises.

    Attributes:
        message: What was wrong, where, and what to do; free of secrets.
        retryable: Whether the same request may succeed later.
        retry_after: Seconds the other side asked to wait; None when it did not say.
        provider: Name of the provider or service that failed, when one was involved.
        status_code: HTTP status code, when there was one.
        request_id: The provider's id of the failed request, for its support desk.
    """

    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        retryable: bool | None = None,
        retry_after: float | None = None,
        provider: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
    ) -> None:
        self.message = redact(str(message))
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.provider = provider
        self.status_code = status_code
        self.request_id = request_id
        super().__init__(self.message)

    def __str__(self) -> str:
        # KeyError, among the bases of some subclasses, would print the repr of the message.
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments defeat the default recipe, so the state travels instead.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(kind: type[RactoGatewayError], message: str, state: dict[str, Any]) -> Exception:
    error = kind.__new__(kind, message)
    error.args = (message,)  # OSError keeps its arguments from __new__
    error.__dict__.update(state)
    return error


class RactoGatewayTimeoutError(RactoGatewayError, TimeoutError):
    """The upstream provider did not respond within the allowed time."""

    default_retryable = True


class DeadlineExceededError(RactoGatewayTimeoutError):
    """The total time budget of a request, retries included, is spent."""

    default_retryable = False


class RactoGatewayAPIError(RactoGatewayError):
    """The upstream provider returned an error response."""


class RateLimitError(RactoGatewayAPIError):
    """The provider asked to slow down (429); wait ``retry_after`` seconds, then try again."""

    default_retryable = True


class QuotaExhaustedError(RactoGatewayAPIError):
    """The account's credit or quota is used up; waiting does not help."""


class OverloadedError(RactoGatewayAPIError):
    """The provider is overloaded for everyone (503, 529)."""

    default_retryable = True


class ServerError(RactoGatewayAPIError):
    """The provider failed internally (5xx)."""

    default_retryable = True


class APIConnectionError(RactoGatewayAPIError):
    """The provider could not be reached, or the connection broke before an answer."""

    default_retryable = True


class BadRequestError(RactoGatewayAPIError):
    """The provider refused the request as malformed (400, 413, 422)."""


class ContextLengthError(BadRequestError):
    """The request does not fit into the model's context.

    Attributes:
        limit: The model's context size in tokens, when the provider told.
        count: The request's size in tokens, when the provider told.
    """

    def __init__(
        self, message: str = "", *, limit: int | None = None, count: int | None = None, **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.limit = limit
        self.count = count


class NotFoundError(RactoGatewayAPIError):
    """The model, file, batch or route does not exist at the provider (404)."""


class ContentFilterError(RactoGatewayAPIError):
    """The provider's safety system refused the prompt or the reply."""


class InvalidResponseError(RactoGatewayAPIError):
    """The provider answered with something that its protocol does not allow."""


class StreamTruncatedError(RactoGatewayAPIError):
    """A stream ended without its terminal signal.

    Attributes:
        partial: The :class:`~racto.core.LLMResponse` assembled so far, usage included.
    """

    def __init__(self, message: str = "", *, partial: Any = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.partial = partial


class RactoGatewayAuthError(RactoGatewayError):
    """API key missing, invalid, or not authorised for the requested resource."""


class PermissionDeniedError(RactoGatewayAuthError):
    """The key is valid but may not use this model or resource (403)."""


class ResponseModelValidationError(RactoGatewayError):
    """The model's reply did not satisfy ``response_model``, and all retries are spent.

    Attributes:
        attempts: API calls made: the first and its retries.
        last_error: The last validation error (a ``pydantic.ValidationError`` or a JSON error).
        raw_response: The model's text of the last attempt.
    """

    def __init__(
        self,
        message: str,
        *,
        attempts: int,
        last_error: Exception,
        raw_response: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message, **facts)
        self.attempts = attempts
        self.last_error = last_error
        self.raw_response = raw_response


class RateLimitExceededError(RactoGatewayError):
    """racto's own rate limiter refused the request; nothing was consumed."""

    default_retryable = True


class ConfigurationError(RactoGatewayError, ValueError):
    """A setting is missing, contradictory or out of range."""


class MissingExtraError(ConfigurationError, ImportError):
    """The optional ``library`` is missing; ``install`` names what to install for it."""

    def __init__(self, library: str, *, install: str, purpose: str) -> None:
        super().__init__(
            f'{purpose} needs the library {library!r}. Install it: pip install "{install}"'
        )
        self.library = library
        self.install = install


class PluginNotFoundError(ConfigurationError, LookupError):
    """No installed distribution offers the named plug-in."""


class UnsupportedFeatureError(ConfigurationError):
    """The provider, model or store cannot do what was asked.

    Attributes:
        feature: The field or feature that cannot be honoured, for example ``temperature``.
    """

    def __init__(self, message: str, *, feature: str, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.feature = feature


class SchemaError(ConfigurationError):
    """A function or model cannot be expressed as the JSON Schema that is needed."""


class FilterError(ConfigurationError):
    """A metadata filter is malformed; the message names the path inside the filter."""


class ToolError(RactoGatewayError):
    """A tool could not be run."""


class ToolNotFoundError(ToolError, LookupError):
    """The model asked for a tool that is not registered."""


class ToolArgumentsError(ToolError, ValueError):
    """The model's arguments do not fit the tool; ``problems`` has one line for each mistake."""

    def __init__(self, message: str, *, problems: Sequence[str] = (), **facts: Any) -> None:
        super().__init__(message, **facts)
        self.problems = tuple(map(redact, problems))


class ToolExecutionError(ToolError):
    """The tool raised; its own exception is the ``__cause__``."""


class EmbeddingError(RactoGatewayError):
    """Texts could not be embedded, or another number of vectors came back."""


class StoreError(RactoGatewayError):
    """A vector store could not do what was asked."""


class MissingEmbeddingError(StoreError, ValueError):
    """A chunk was added to a store without its embedding."""


class InvalidEmbeddingError(StoreError, ValueError):
    """A vector holds NaN, infinity, something that is no number, or is too long for float32."""


class DimensionMismatchError(StoreError, ValueError):
    """A vector's length differs from the store's dimension.

    Attributes:
        expected: The store's dimension.
        actual: The vector's length.
    """

    def __init__(self, message: str, *, expected: int, actual: int, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.expected = expected
        self.actual = actual


class StoreClosedError(StoreError):
    """The store was used after ``close()``."""


class PartialWriteError(StoreError):
    """A batch was stored in part.

    Attributes:
        stored: Ids that are safely stored.
        failed: Ids that are not, each with the reason.
    """

    def __init__(
        self, message: str, *, stored: Sequence[str], failed: Mapping[str, str], **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.stored = tuple(stored)
        self.failed = {key: redact(reason) for key, reason in failed.items()}


class IndexCorruptError(StoreError):
    """Files on disk are damaged, of another version, or not racto's at all."""


class IndexLockedError(StoreError):
    """Another process is writing to the index."""

    default_retryable = True


class ReadError(RactoGatewayError):
    """A source document could not be read.

    Attributes:
        source: Path or label of the document.
    """

    def __init__(self, message: str, *, source: str = "", **facts: Any) -> None:
        super().__init__(message, **facts)
        self.source = source


class UnsupportedFormatError(ReadError, ValueError):
    """No reader is registered for the document's extension."""


class EmptyDocumentError(ReadError):
    """The document holds no text (an empty file, or a scan without a text layer)."""


class EncryptedDocumentError(ReadError):
    """The document is protected by a password."""


class BinaryDocumentError(ReadError):
    """The document claims to be text but holds binary data or an unknown encoding."""


class DocumentTooLargeError(ReadError):
    """The document is larger than the configured limit."""


class DocumentChangedError(ReadError):
    """The document changed while it was being read."""

    default_retryable = True


class JobError(RactoGatewayError):
    """A background job, batch or task failed."""


class EngineError(RactoGatewayError):
    """A retrieval engine raised, or returned something its protocol does not allow."""
