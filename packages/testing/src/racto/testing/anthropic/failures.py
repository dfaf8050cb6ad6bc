"""What goes wrong, with Anthropic's statuses, types and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_header
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

# The type of an error goes with its status; below 500 all others are invalid requests, above it
# faults of the API.
_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
# A customer's own limit; it is lifted when the month ends.
_SPEND_LIMIT = (
    "You have reached your specified API usage limits. You will regain access on 2026-12-01 at "
    "00:00 UTC."
)
# Told when a test does not care which window it is.
_LONGEST_PROMPT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    status: int
    message: str


_KINDS: Mapping[FailureKind, _Words] = {
    "bad_request": _Words(status=400, message="The request could not be processed."),
    "unauthorized": _Words(status=401, message="invalid x-api-key"),
    "quota_exhausted": _Words(
        status=402,
        message="Your credit balance is too low to access the Anthropic API. Please go to Plans & "
        "Billing to upgrade or purchase credits.",
    ),
    "forbidden": _Words(
        status=403,
        message="Your API key does not have permission to use the specified resource.",
    ),
    "not_found": _Words(status=404, message="The requested resource was not found."),
    "context_overflow": _Words(
        status=400, message="prompt is too long: {count} tokens > {limit} maximum"
    ),
    "content_filtered": _Words(status=400, message="Output blocked by content filtering policy"),
    "rate_limited": _Words(
        status=429,
        message="This request would exceed your organization's rate limit of 50 requests per "
        "minute.",
    ),
    "overloaded": _Words(status=529, message="Overloaded"),
    "server_error": _Words(status=500, message="Internal server error"),
}


def failure_answer(failure: Failure, *, request_id: str) -> Outgoing:
    """The answer of status 400 or above to a scripted failure.

    A spend limit is a ``quota_exhausted`` of status 400, for one that the customer has set, or of
    429, for that of his tier; without a status the credit is used up, which is a 402. A request
    that is too large is a ``bad_request`` of status 413.
    """
    headers = {"request-id": request_id, **retry_header(failure)}
    body = error_body(failure, request_id=request_id)
    return failed(failure, status=_KINDS[failure.kind].status, body=body, headers=headers)


def error_body(failure: Failure, *, request_id: str) -> dict[str, Any]:
    """The body of a failure, as an error's answer and a broken stream hold it."""
    status = failure.status or _KINDS[failure.kind].status
    message = failure.message or _message(failure, status)
    # By this code the SDK tells it from a rate limit, which is worth another try.
    limited = failure.kind == "quota_exhausted" and status == 429
    code = "enforced_spend_limit_reached" if limited else None
    return body_of(status, message, request_id=request_id, code=code)


def body_of(
    status: int, message: str, *, request_id: str, code: str | None = None
) -> dict[str, Any]:
    """An error's body.

    Args:
        status: HTTP status, which says the type of the error.
        message: The API's words.
        request_id: Id of the request.
        code: Stable name of the cause, for the few that have one.
    """
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    error: dict[str, Any] = {"type": kind, "message": message}
    if code is not None:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": request_id}


def refusal(message: str, *, request_id: str, status: int = 400) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        message: The API's words.
        request_id: Id of the request.
        status: HTTP status.
    """
    return Refusal(
        Outgoing(
            status=status,
            headers={"request-id": request_id},
            body=encoded(body_of(status, message, request_id=request_id)),
        )
    )


def _message(failure: Failure, status: int) -> str:
    if failure.kind == "context_overflow":
        limit = _LONGEST_PROMPT if failure.limit is None else failure.limit
        count = limit + 1 if failure.count is None else failure.count
        return _KINDS["context_overflow"].message.format(count=count, limit=limit)
    if failure.kind == "quota_exhausted" and status in (400, 429):
        return _SPEND_LIMIT
    if failure.kind == "bad_request" and status == 413:
        return "Request exceeds the maximum allowed number of bytes."
    return _KINDS[failure.kind].message
