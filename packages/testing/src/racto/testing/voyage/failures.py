"""What goes wrong, in Voyage's words: an object with a ``detail``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_header
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

WRONG_KEY = "Provided API key is invalid."
"""Words about a key that is none."""

_WORDS: Mapping[FailureKind, tuple[HTTPStatus, str]] = {
    "bad_request": (
        HTTPStatus.BAD_REQUEST,
        "The request body is not valid JSON, or some arguments were not specified properly.",
    ),
    "unauthorized": (HTTPStatus.UNAUTHORIZED, WRONG_KEY),
    "quota_exhausted": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "You have not yet added your payment method in the billing page and will have reduced rate"
        " limits of 3 RPM and 10K TPM.",
    ),
    "forbidden": (
        HTTPStatus.FORBIDDEN,
        "The IP address you are using is blocked or the key may not use this model.",
    ),
    "not_found": (HTTPStatus.BAD_REQUEST, "Model {model} is not supported."),
    "context_overflow": (
        HTTPStatus.BAD_REQUEST,
        "Request to model '{model}' failed. The max allowed tokens per submitted batch is {limit}."
        " Your batch has {count} tokens after truncation. Please lower the number of tokens in the"
        " batch.",
    ),
    "content_filtered": (HTTPStatus.BAD_REQUEST, "The input was refused."),
    "rate_limited": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "You have exceeded your rate limit. Please try again later.",
    ),
    "overloaded": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The server is currently overloaded. Please try again later.",
    ),
    "server_error": (HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"),
}


def failure_answer(failure: Failure, model: str) -> Outgoing:
    """The answer of status 400 or above to a scripted failure."""
    status, words = _WORDS[failure.kind]
    limit = 120_000 if failure.limit is None else failure.limit
    count = limit + 1 if failure.count is None else failure.count
    told = failure.message or words.format(model=model, limit=limit, count=count)
    headers = retry_header(failure)
    return failed(failure, status=status, body={"detail": told}, headers=headers)


def refusal(detail: str, *, status: int = HTTPStatus.BAD_REQUEST) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        detail: The API's words.
        status: HTTP status.
    """
    return Refusal(Outgoing(status=status, body=encoded({"detail": detail})))
