"""The border to the openai SDK: every error it raises or reports, as one of racto's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)
from racto.core.retries import parse_retry_after

from . import sdk

E = TypeVar("E", bound=RactoGatewayError)

_QUOTA = frozenset(
    [
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "insufficient_balance",
        "quota_exceeded",
        "payment_required",
    ]
)
_CONTEXT = frozenset({"context_length_exceeded", "string_above_max_length", "input_too_long"})
_FILTER = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})
_OVERLOAD = frozenset({"overloaded", "overloaded_error", "server_overloaded", "engine_overloaded"})
_SERVER = frozenset({"server_error", "internal_error", "internal_server_error", "api_error"})
_RATE = frozenset({"rate_limit_exceeded", "rate_limit_error", "requests", "tokens"})

# OpenAI, vLLM and llama.cpp say it in words: "maximum context length is N tokens ... M tokens".
_LIMIT = re.compile(r"(?:maximum (?:context|model) length|context (?:size|window|length))\D{0,40}?([\d,]+)",
                    re.IGNORECASE)  # fmt: skip
_COUNT = re.compile(
    r"(?:resulted in|requested|messages have|contains|prompt is|input is)\D{0,40}?([\d,]+)",
    re.IGNORECASE,
)

_BY_STATUS: dict[int, type[RactoGatewayError]] = {
    401: RactoGatewayAuthError,
    402: QuotaExhaustedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RactoGatewayTimeoutError,
    429: RateLimitError,
    503: OverloadedError,
    529: OverloadedError,
}

_ADVICE: dict[type[RactoGatewayError], str] = {
    RactoGatewayAuthError: "Check api_key= or OPENAI_API_KEY.",
    PermissionDeniedError: "The key is valid but may not do this.",
    NotFoundError: "Check model= and base_url=.",
    QuotaExhaustedError: "Waiting does not help: check the plan and billing of the account.",
    ContextLengthError: "Shorten the history or the attachments, or lower max_tokens.",
}


class Translator:
    """Turns the SDK's errors into racto's.

    Args:
        provider: Name of the provider in the errors.
        secret: The API key, which some servers repeat in their messages; cut out of them.
    """

    def __init__(self, provider: str, secret: str | None = None) -> None:
        self._provider = provider
        self._secret = secret

    def translated(self, error: Exception) -> RactoGatewayError:
        """The error to raise ``from`` what the SDK or its HTTP library raised."""
        openai, httpx = sdk.openai(), sdk.httpx()
        if isinstance(error, openai.APIStatusError):
            return self._of_status(error)
        if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException, TimeoutError)):
            return self._made(RactoGatewayTimeoutError, f"no answer in time ({_kind(error)})")
        if isinstance(error, (openai.APIConnectionError, httpx.RequestError, OSError)):
            return self._made(APIConnectionError, f"the connection failed: {_root(error)}")
        return self._made(RactoGatewayAPIError, f"{_kind(error)}: {error}")

    def reported(
        self, body: Any, *, status: int | None = None, request_id: str | None = None
    ) -> RactoGatewayError:
        """The error for an error object in the body of a reply, whatever its status.

        Args:
            body: The value under ``error``: an object, or text.
            status: HTTP status of the reply, when it was an error; a stream's 200 tells nothing.
            request_id: The provider's id of the request.
        """
        facts = body if isinstance(body, Mapping) else {"message": str(body)}
        code, message = facts.get("code"), str(facts.get("message") or "no message")
        # Gateways put the status of the server behind them into the code.
        if status is None and _is_status(code):
            status = int(str(code))
        words = {str(code).lower(), str(facts.get("type")).lower()}
        kind = _classified(words, status, message)
        return self._made(kind, message, status=status, request_id=request_id)

    def invalid(
        self, why: str, *, body: bytes = b"", request_id: str | None = None
    ) -> InvalidResponseError:
        """The error for a reply that the protocol does not allow."""
        shown = body[:200].decode("utf-8", "replace")
        text = f"{why}; it begins {shown!r}" if shown else why
        return self._made(InvalidResponseError, text, request_id=request_id)

    def _of_status(self, error: Any) -> RactoGatewayError:
        body = error.body if error.body not in (None, "") else error.message
        made = self.reported(body, status=error.status_code, request_id=error.request_id)
        made.retry_after = parse_retry_after(dict(error.response.headers))
        return made

    def _made(
        self,
        kind: type[E],
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
    ) -> E:
        text = message.replace(self._secret, "***") if self._secret else message
        place = f"{self._provider} answered {status}" if status else self._provider
        advice = _ADVICE.get(kind)
        facts: dict[str, Any] = {
            "provider": self._provider,
            "status_code": status,
            "request_id": request_id,
        }
        if kind is ContextLengthError:
            facts |= {"limit": _number(_LIMIT, text), "count": _number(_COUNT, text)}
        # Cut, because some servers quote the whole request, and a log is no place for it.
        return kind(f"{place}: {_end(text[:2000])}{f' {advice}' if advice else ''}", **facts)


def _classified(words: set[str], status: int | None, message: str) -> type[RactoGatewayError]:
    """The class of an error; its code says more than its status, and the status than its words."""
    # An exhausted quota comes as a 429 too; only its code tells that waiting is in vain.
    if words & _QUOTA:
        return QuotaExhaustedError
    if words & _CONTEXT or (status in (400, 413, 422) and _LIMIT.search(message)):
        return ContextLengthError
    if words & _FILTER:
        return ContentFilterError
    # Overflows have no common code: vLLM and llama.cpp tell them in words alone.
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if words & _OVERLOAD:
        return OverloadedError
    if words & _RATE:
        return RateLimitError
    if (status is not None and status >= 500) or words & _SERVER:
        return ServerError
    refused = status in (400, 413, 415, 422) or "invalid_request_error" in words
    return BadRequestError if refused else RactoGatewayAPIError


def _is_status(code: Any) -> bool:
    return str(code).isdecimal() and 400 <= int(code) <= 599


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    digits = found.group(1).replace(",", "") if found else ""
    return int(digits) if digits else None


def _root(error: BaseException) -> str:
    """What lies at the bottom: the SDK says "Connection error." of everything."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{error} ({_kind(error)})" if str(error) else _kind(error)


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _end(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."
