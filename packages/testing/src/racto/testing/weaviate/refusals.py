"""What Weaviate refuses, over REST and over gRPC."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from racto.core.errors import RactoGatewayError
from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded, failed, retry_header
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind

STATUSES: Mapping[FailureKind, tuple[HTTPStatus, str, str]] = {
    "bad_request": (HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_ARGUMENT", "invalid request"),
    "unauthorized": (HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "anonymous access not enabled"),
    "quota_exhausted": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "RESOURCE_EXHAUSTED",
        "429 Too many requests",
    ),
    "forbidden": (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", "forbidden"),
    "not_found": (HTTPStatus.NOT_FOUND, "NOT_FOUND", "not found"),
    "context_overflow": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RESOURCE_EXHAUSTED", "too large"),
    "content_filtered": (HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_ARGUMENT", "refused"),
    "rate_limited": (HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "429 Too many requests"),
    "overloaded": (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", "service unavailable"),
    "server_error": (HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL", "internal error"),
}
"""HTTP status, name of gRPC's status, and words of each kind of failure."""


class Refused(RactoGatewayError):  # noqa: N818 - an answer on its way
    """A call that the real service would refuse, to be answered as a gRPC error."""


def refusal(message: str, *, status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> Refusal:
    """The refusal of a request over REST, to be raised.

    Args:
        message: The API's words.
        status: HTTP status.
    """
    return Refusal(Outgoing(status=status, body=encoded({"error": [{"message": message}]})))


def failure_answer(failure: Failure) -> Outgoing:
    """The answer over REST to a scripted failure."""
    status, _, words = STATUSES[failure.kind]
    body = {"error": [{"message": failure.message or words}]}
    return failed(failure, status=status, body=body, headers=retry_header(failure))
