"""What goes wrong, as Google's servers tell it: a ``google.rpc.Status`` with its details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_seconds
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

_RPC = "type.googleapis.com/google.rpc."
_LIMITS = "https://ai.google.dev/gemini-api/docs/rate-limits"

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    # HTTP has finer words than gRPC, so several statuses share a name.
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""Google's name for each HTTP status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    status: int
    message: str


_KINDS: Mapping[FailureKind, _Words] = {
    "bad_request": _Words(status=400, message="Request contains an invalid argument."),
    # A wrong key is a bad argument here; 401 is for tokens alone.
    "unauthorized": _Words(status=400, message="API key not valid. Please pass a valid API key."),
    "quota_exhausted": _Words(
        status=429,
        message="You exceeded your current quota, please check your plan and billing details. For"
        f" more information on this error, head to: {_LIMITS}.",
    ),
    "forbidden": _Words(status=403, message="The caller does not have permission"),
    "not_found": _Words(status=404, message="Requested entity was not found."),
    "context_overflow": _Words(
        status=400,
        message="The input token count exceeds the maximum number of tokens allowed.",
    ),
    "content_filtered": _Words(status=400, message="The prompt was blocked."),
    "rate_limited": _Words(
        status=429,
        message="You exceeded your current quota, please check your plan and billing details. For"
        f" more information on this error, head to: {_LIMITS}.",
    ),
    "overloaded": _Words(status=503, message="The model is overloaded. Please try again later."),
    "server_error": _Words(
        status=500,
        message="An internal error has occurred. Please retry or report in"
        " https://developers.generativeai.google/guide/troubleshooting",
    ),
}


def failure_answer(failure: Failure, model: str = "") -> Outgoing:
    """The answer of status 400 or above to a scripted failure."""
    status = failure.status or _KINDS[failure.kind].status
    headers = {"content-type": "application/json; charset=UTF-8"}
    return failed(failure, status=status, body=status_body(failure, model), headers=headers)


def status_body(failure: Failure, model: str = "") -> dict[str, Any]:
    """The body of a failure, which is also the last event of a stream that fails."""
    words = _KINDS[failure.kind]
    message = failure.message or _message(failure, words)
    details = _DETAILS.get(failure.kind, _retry_details)(failure, model)
    return _status(failure.status or words.status, message, details)


def refusal(message: str, *, status: int = 400, details: Sequence[Any] = ()) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        message: The API's words.
        status: HTTP status.
        details: Messages of ``google.rpc``.
    """
    headers = {"content-type": "application/json; charset=UTF-8"}
    body = encoded(_status(status, message, details))
    return Refusal(Outgoing(status=status, headers=headers, body=body))


def bad_fields(found: Sequence[tuple[str, str]]) -> Refusal:
    """The refusal of a payload with fields that are unknown or ill-typed.

    Args:
        found: Path and description of each fault.
    """
    # A fault of the root has no path, and then the field is left out.
    violations = [
        {"field": at, "description": told} if at else {"description": told} for at, told in found
    ]
    details = [{"@type": f"{_RPC}BadRequest", "fieldViolations": violations}]
    return refusal("\n".join(told for _, told in found), details=details)


def no_method(path: str) -> Refusal:
    """The refusal of a path that leads nowhere."""
    message = f"The requested URL {path} was not found on this server."
    return refusal(message, status=HTTPStatus.NOT_FOUND)


def no_key() -> Refusal:
    """The refusal of a request without a key."""
    message = (
        "Method doesn't allow unregistered callers (callers without established identity). Please"
        " use API Key or other form of API consumer identity to call this API."
    )
    return refusal(message, status=HTTPStatus.FORBIDDEN)


def wrong_key() -> Refusal:
    """The refusal of a request with a wrong key."""
    failure = Failure(kind="unauthorized")
    return Refusal(failure_answer(failure))


def wrong_token() -> Refusal:
    """The refusal of a request with a wrong token."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login"
        " cookie or other valid authentication credential. See"
        " https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    info = _error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED")
    return refusal(message, status=HTTPStatus.UNAUTHORIZED, details=[info])


def _status(status: int, message: str, details: Sequence[Any]) -> dict[str, Any]:
    name = STATUSES.get(status, "UNKNOWN")
    told: dict[str, Any] = {"code": status, "message": message, "status": name}
    if details:
        told["details"] = list(details)
    return {"error": told}


def _message(failure: Failure, words: _Words) -> str:
    if failure.kind == "context_overflow" and failure.limit is not None:
        count = "" if failure.count is None else f" ({failure.count})"
        return (
            f"The input token count{count} exceeds the maximum number of tokens allowed"
            f" ({failure.limit})."
        )
    # Clients without the details read the wait out of the words.
    wait = retry_seconds(failure)
    return words.message if wait is None else f"{words.message}\nPlease retry in {wait:g}s."


def _retry_details(failure: Failure, model: str) -> list[Any]:
    return _retry_info(failure)


def _key_details(failure: Failure, model: str) -> list[Any]:
    told = {"locale": "en-US", "message": failure.message or _KINDS["unauthorized"].message}
    return [_error_info("API_KEY_INVALID"), {"@type": f"{_RPC}LocalizedMessage", **told}]


def _error_info(reason: str) -> dict[str, Any]:
    return {
        "@type": f"{_RPC}ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }


def _quota_details(failure: Failure, model: str) -> list[Any]:
    # What tells a spent quota from a storm is the id: one is counted by the day.
    term = "Day" if failure.kind == "quota_exhausted" else "Minute"
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": f"GenerateRequestsPer{term}PerProjectPerModel-FreeTier",
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": "10",
    }
    link = {"description": "Learn more about Gemini API quotas", "url": _LIMITS}
    return [
        {"@type": f"{_RPC}QuotaFailure", "violations": [violation]},
        {"@type": f"{_RPC}Help", "links": [link]},
        *_retry_info(failure),
    ]


def _retry_info(failure: Failure) -> list[Any]:
    wait = retry_seconds(failure)
    if wait is None:
        return []
    return [
        {"@type": f"{_RPC}RetryInfo", "retryDelay": f"{wait:.9f}".rstrip("0").rstrip(".") + "s"}
    ]


_DETAILS = {
    "unauthorized": _key_details,
    "quota_exhausted": _quota_details,
    "rate_limited": _quota_details,
}
