"""What goes wrong, with OpenAI's statuses, codes and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from racto.testing.exchange import Incoming, Outgoing
from racto.testing.payloads import encoded, failed, retry_header, retry_seconds
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    status: int
    message: str
    type: str = "invalid_request_error"
    code: str | None = None


# Statuses, codes and words as the API gives them; clients tell errors apart by the codes.
_KINDS: Mapping[FailureKind, _Words] = {
    "bad_request": _Words(status=400, message="The request could not be processed."),
    "unauthorized": _Words(
        status=401,
        message="Incorrect API key provided. You can find your API key at"
        " https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    ),
    # A 429 like the next but one, and yet waiting does not help.
    "quota_exhausted": _Words(
        status=429,
        message="You exceeded your current quota, please check your plan and billing details. For"
        " more information on this error, read the docs:"
        " https://platform.openai.com/docs/guides/error-codes/api-errors.",
        type="insufficient_quota",
        code="insufficient_quota",
    ),
    "forbidden": _Words(
        status=403,
        message="Country, region, or territory not supported",
        type="request_forbidden",
        code="unsupported_country_region_territory",
    ),
    "not_found": _Words(
        status=404,
        message="The model does not exist or you do not have access to it.",
        code="model_not_found",
    ),
    "context_overflow": _Words(
        status=400,
        message="Your input exceeds the context window of this model. Please adjust your input and"
        " try again.",
        code="context_length_exceeded",
    ),
    "content_filtered": _Words(
        status=400,
        message="Invalid prompt: your prompt was flagged as potentially violating our usage policy."
        " Please try again with a different prompt.",
        code="invalid_prompt",
    ),
    "rate_limited": _Words(
        status=429,
        message="Rate limit reached on requests per min (RPM): Limit 500, Used 500, Requested 1.",
        type="requests",
        code="rate_limit_exceeded",
    ),
    "overloaded": _Words(
        status=503,
        message="The server is currently overloaded with other requests. Sorry about that! You can"
        " retry your request, or contact us through our help center at help.openai.com if the"
        " error persists.",
        type="server_error",
    ),
    "server_error": _Words(
        status=500,
        message="The server had an error while processing your request. Sorry about that!",
        type="server_error",
    ),
}


def failure_answer(failure: Failure, *, place: str | None = None) -> Outgoing:
    """The answer of status 400 or above to a scripted failure.

    Args:
        failure: What goes wrong.
        place: The field that holds the prompt, which a context overflow names.
    """
    words = _KINDS[failure.kind]
    headers = {"content-type": "application/json", **retry_header(failure)}
    body = {"error": error_object(failure, place=place)}
    return failed(failure, status=words.status, body=body, headers=headers)


def error_object(failure: Failure, *, place: str | None = None) -> dict[str, Any]:
    """The error object of a failure, as an error's body and a broken stream hold it.

    Args:
        failure: What goes wrong.
        place: The field that holds the prompt, which a context overflow names.
    """
    words = _KINDS[failure.kind]
    message = failure.message or _message(failure, words)
    param = place if failure.kind == "context_overflow" else None
    return _error(message, kind=words.type, param=param, code=words.code)


def error_code(failure: Failure) -> str:
    """The code of a failure in a response that failed, which always has one."""
    return _KINDS[failure.kind].code or "server_error"


def _message(failure: Failure, words: _Words) -> str:
    # The older wording names the numbers, and clients read them out of it.
    if failure.kind == "context_overflow" and failure.limit is not None:
        sent = "" if failure.count is None else f" {failure.count}"
        return (
            f"This model's maximum context length is {failure.limit} tokens. However, your messages"
            f" resulted in{sent or ' more'} tokens. Please reduce the length of the messages."
        )
    wait = retry_seconds(failure) if failure.kind == "rate_limited" else None
    return words.message if wait is None else f"{words.message} Please try again in {wait:g}s."


def only(method: str, request: Incoming) -> None:
    """Refuse every method but one.

    Raises:
        Refusal: If the request has another.
    """
    if request.method != method:
        message = f"Only {method} requests are accepted."
        raise refusal(message, code="method_not_supported", status=405)


def refusal(
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    status: int = 400,
    kind: str = "invalid_request_error",
) -> Refusal:
    """The refusal of a request, to be raised.

    Args:
        message: The API's words.
        param: The field that is wrong, for example ``messages[0].role``.
        code: The API's code.
        status: HTTP status.
        kind: The API's type of error.
    """
    body = encoded({"error": _error(message, kind=kind, param=param, code=code)})
    return Refusal(Outgoing(status=status, body=body))


def _error(
    message: str, *, kind: str, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    return {"message": message, "type": kind, "param": param, "code": code}
