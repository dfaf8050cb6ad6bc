"""What goes wrong, in the words of Hugging Face's servers: an ``error`` and its ``error_type``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_header, retry_seconds
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

_TOO_LONG = (
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= {limit}."
    " Given: {count} `inputs` tokens and 100 `max_new_tokens`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    status: int
    message: str
    type: str | None = None


_KINDS: Mapping[FailureKind, _Words] = {
    "bad_request": _Words(
        status=422, message="Input validation error: the request is invalid", type="validation"
    ),
    "unauthorized": _Words(status=401, message="Invalid credentials in Authorization header"),
    "quota_exhausted": _Words(
        status=402,
        message="You have exceeded your monthly included credits for Inference Providers."
        " Subscribe to PRO to get 20x more monthly included credits.",
    ),
    "forbidden": _Words(
        status=403,
        message="This authentication method does not have sufficient permissions to call Inference"
        " Providers",
    ),
    "not_found": _Words(status=404, message="Model {model} does not exist"),
    "context_overflow": _Words(status=422, message=_TOO_LONG, type="validation"),
    "content_filtered": _Words(status=400, message="The prompt was refused by the provider."),
    "rate_limited": _Words(status=429, message="Rate limit reached. Please try again later."),
    "overloaded": _Words(status=429, message="Model is overloaded", type="overloaded"),
    "server_error": _Words(
        status=500, message="Incomplete generation", type="incomplete_generation"
    ),
}


def failure_answer(failure: Failure, model: str = "") -> Outgoing:
    """The answer of status 400 or above to a scripted failure.

    An overload that tells when to come again is a model that is being loaded.
    """
    words = _words(failure)
    headers = {"content-type": "application/json", **retry_header(failure)}
    if failure.kind == "unauthorized":
        # The hub's client reads this header before the body.
        headers["x-error-message"] = words.message
    body = error_of(failure, model)
    return failed(failure, status=words.status, body=body, headers=headers)


def error_of(failure: Failure, model: str = "") -> dict[str, Any]:
    """The body of a failure, which is also the last event of a stream that fails."""
    words = _words(failure)
    limit = 4096 if failure.limit is None else failure.limit
    count = limit + 1 if failure.count is None else failure.count
    told = failure.message or words.message.format(model=model, limit=limit, count=count)
    body: dict[str, Any] = {"error": told}
    if words.type:
        body["error_type"] = words.type
    if words.status == HTTPStatus.SERVICE_UNAVAILABLE:
        body["estimated_time"] = retry_seconds(failure)
    return body


def refusal(
    message: str,
    *,
    kind: str | None = "validation",
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        message: The API's words.
        kind: The ``error_type``; None tells none.
        status: HTTP status.
        headers: Headers to add.
    """
    body = {"error": message, **({"error_type": kind} if kind else {})}
    return Refusal(Outgoing(status=status, headers=headers or {}, body=encoded(body)))


def reworded(refused: Refusal) -> Refusal:
    """A refusal of OpenAI's API as TGI would tell it.

    Args:
        refused: The refusal.
    """
    error = json.loads(refused.answer.body)["error"]
    message, place = error["message"], error["param"]
    if place and place not in message:
        message = f"{place}: {message}"
    return refusal(f"Input validation error: {message}")


def _words(failure: Failure) -> _Words:
    if failure.kind == "overloaded" and failure.retry_after is not None:
        return _Words(status=503, message="Model {model} is currently loading")
    return _KINDS[failure.kind]
