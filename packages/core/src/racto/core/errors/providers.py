"""Errors of the other side: a provider, or any service that is called over a network."""

from __future__ import annotations

from typing import Any

from .root import RactoGatewayError


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
    """The provider or service could not be reached, or the connection broke before an answer."""

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
    """A stream ended without its terminal signal; ``partial`` holds what had come."""


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
