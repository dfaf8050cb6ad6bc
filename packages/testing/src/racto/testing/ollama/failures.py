"""What goes wrong, in Ollama's words: an object with an ``error``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_header
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

JSON = {"content-type": "application/json; charset=utf-8"}
"""Headers of a JSON body."""

_WORDS: Mapping[FailureKind, tuple[HTTPStatus, str]] = {
    "bad_request": (HTTPStatus.BAD_REQUEST, "invalid request"),
    "unauthorized": (HTTPStatus.UNAUTHORIZED, "unauthorized"),
    "quota_exhausted": (
        HTTPStatus.PAYMENT_REQUIRED,
        "this model requires a subscription or usage credits, upgrade for access at"
        " https://ollama.com/upgrade or add usage credits at https://ollama.com/settings",
    ),
    "forbidden": (HTTPStatus.FORBIDDEN, "you are not authorized to use this model"),
    "not_found": (HTTPStatus.NOT_FOUND, "model '{model}' not found"),
    "context_overflow": (
        HTTPStatus.BAD_REQUEST,
        "prompt too long; exceeded max context length{more}",
    ),
    # Ollama filters nothing; a proxy before it may.
    "content_filtered": (HTTPStatus.BAD_REQUEST, "the prompt was refused"),
    "rate_limited": (HTTPStatus.TOO_MANY_REQUESTS, "too many concurrent requests"),
    "overloaded": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "server busy, please try again.  maximum pending requests exceeded",
    ),
    "server_error": (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "llama runner process has terminated: exit status 2",
    ),
}


def failure_answer(failure: Failure, model: str = "") -> Outgoing:
    """The answer of status 400 or above to a scripted failure."""
    status = _WORDS[failure.kind][0]
    headers = {**JSON, **retry_header(failure)}
    return failed(failure, status=status, body=error_of(failure, model), headers=headers)


def error_of(failure: Failure, model: str = "") -> dict[str, str]:
    """The body of a failure, which is also the last line of a stream that fails."""
    more = ""
    if failure.limit is not None and failure.count is not None:
        more = f" by {failure.count - failure.limit} tokens"
    words = _WORDS[failure.kind][1].format(model=model, more=more)
    return {"error": failure.message or words}


def refusal(message: str, *, status: int = HTTPStatus.BAD_REQUEST) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        message: The API's words.
        status: HTTP status.
    """
    return Refusal(Outgoing(status=status, headers=JSON, body=encoded({"error": message})))
