"""What goes wrong, in the words of Pinecone's control plane and of its indexes."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_header
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

WRONG_KEY = "Invalid API Key"
"""Words about a key that is none."""

# Status, the control plane's code, gRPC's number (which the indexes tell), and the words.
_WORDS: Mapping[FailureKind, tuple[HTTPStatus, str, int, str]] = {
    "bad_request": (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", 3, "The request is malformed."),
    "unauthorized": (HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", 16, WRONG_KEY),
    "quota_exhausted": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "RESOURCE_EXHAUSTED",
        8,
        "Request failed. You've reached your write unit limit for the current month.",
    ),
    "forbidden": (HTTPStatus.FORBIDDEN, "FORBIDDEN", 7, "The key lacks the permission."),
    "not_found": (HTTPStatus.NOT_FOUND, "NOT_FOUND", 5, "Resource not found"),
    "context_overflow": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "PAYLOAD_TOO_LARGE",
        11,
        "The request is larger than 2 MB.",
    ),
    "content_filtered": (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", 3, "The request is refused."),
    "rate_limited": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "RESOURCE_EXHAUSTED",
        8,
        "Too many requests. Please slow down.",
    ),
    "overloaded": (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", 14, "Service unavailable"),
    "server_error": (HTTPStatus.INTERNAL_SERVER_ERROR, "UNKNOWN", 2, "Internal server error"),
}

_CODES = {int(status): (code, number) for status, code, number, _ in _WORDS.values()}


def failure_answer(failure: Failure, *, control: bool) -> Outgoing:
    """The answer of status 400 or above to a scripted failure.

    Args:
        failure: What goes wrong.
        control: Whether the control plane speaks, and not an index.
    """
    status, _, _, words = _WORDS[failure.kind]
    body = _body(status, failure.message or words, control=control)
    return failed(failure, status=status, body=body, headers=retry_header(failure))


def refusal(
    message: str, *, status: int = HTTPStatus.BAD_REQUEST, control: bool = False
) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        message: The API's words.
        status: HTTP status.
        control: Whether the control plane speaks, and not an index.
    """
    body = encoded(_body(status, message, control=control))
    return Refusal(Outgoing(status=status, body=body))


def _body(status: int, message: str, *, control: bool) -> dict[str, Any]:
    code, number = _CODES.get(int(status), ("INVALID_ARGUMENT", 3))
    if control:
        return {"error": {"code": code, "message": message}, "status": int(status)}
    return {"code": number, "message": message, "details": []}
