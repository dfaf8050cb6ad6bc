"""Failures have Anthropic's statuses, types and words, and the SDK's classes follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import anthropic
import pytest

from racto.testing import AnthropicServer, Failure


def failed(
    server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any], failure: Failure
) -> anthropic.APIStatusError:
    server.add(failure)
    with pytest.raises(anthropic.APIStatusError) as caught:
        sdk.messages.create(**ask)
    return caught.value


@pytest.mark.parametrize(
    ("failure", "error", "status", "kind", "words"),
    [
        (Failure(kind="bad_request"), anthropic.BadRequestError, 400, "invalid_request_error", ""),
        (
            Failure(kind="unauthorized"),
            anthropic.AuthenticationError,
            401,
            "authentication_error",
            "invalid x-api-key",
        ),
        (
            Failure(kind="quota_exhausted"),
            anthropic.PaymentRequiredError,
            402,
            "billing_error",
            "Your credit balance is too low",
        ),
        (
            Failure(kind="quota_exhausted", status=400),
            anthropic.BadRequestError,
            400,
            "invalid_request_error",
            "You have reached your specified API usage limits.",
        ),
        (Failure(kind="forbidden"), anthropic.PermissionDeniedError, 403, "permission_error", ""),
        (Failure(kind="not_found"), anthropic.NotFoundError, 404, "not_found_error", ""),
        (
            Failure(kind="context_overflow", count=205_124, limit=200_000),
            anthropic.BadRequestError,
            400,
            "invalid_request_error",
            "prompt is too long: 205124 tokens > 200000 maximum",
        ),
        (
            Failure(kind="context_overflow"),
            anthropic.BadRequestError,
            400,
            "invalid_request_error",
            "prompt is too long: 200001 tokens > 200000 maximum",
        ),
        (
            Failure(kind="content_filtered"),
            anthropic.BadRequestError,
            400,
            "invalid_request_error",
            "Output blocked by content filtering policy",
        ),
        (
            Failure(kind="bad_request", status=413),
            anthropic.ContentTooLargeError,
            413,
            "request_too_large",
            "Request exceeds the maximum",
        ),
        (Failure(kind="rate_limited"), anthropic.RateLimitError, 429, "rate_limit_error", ""),
        (Failure(kind="server_error"), anthropic.InternalServerError, 500, "api_error", ""),
        (
            Failure(kind="server_error", status=504),
            anthropic.GatewayTimeoutError,
            504,
            "timeout_error",
            "",
        ),
        (
            Failure(kind="overloaded"),
            anthropic.OverloadedError,
            529,
            "overloaded_error",
            "Overloaded",
        ),
        (
            Failure(kind="server_error", message="mine"),
            anthropic.InternalServerError,
            500,
            "api_error",
            "mine",
        ),
    ],
)
def test_a_failure_reaches_the_sdk_as_its_error(
    anthropic_server: AnthropicServer,
    sdk: anthropic.Anthropic,
    ask: dict[str, Any],
    failure: Failure,
    error: type[anthropic.APIStatusError],
    status: int,
    kind: str,
    words: str,
) -> None:
    raised = failed(anthropic_server, sdk, ask, failure)
    assert type(raised) is error
    assert (raised.status_code, raised.type) == (status, kind)
    assert raised.api_message is not None
    assert raised.api_message.startswith(words)
    assert raised.request_id is not None
    assert raised.body["request_id"] == raised.request_id  # type: ignore[index]


def test_the_limit_of_a_tier_is_told_by_its_code(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    failure = Failure(kind="quota_exhausted", status=429)
    raised = failed(anthropic_server, sdk, ask, failure)
    assert isinstance(raised, anthropic.RateLimitError)
    assert raised.error_code == "enforced_spend_limit_reached"


@pytest.mark.parametrize(
    ("wait", "header"),
    [(7, "7"), (0.5, "0.5"), (datetime(2026, 11, 22, tzinfo=UTC), "Sun, 22 Nov 2026 00:00:00 GMT")],
)
def test_the_time_to_wait_stands_in_the_header(
    anthropic_server: AnthropicServer,
    sdk: anthropic.Anthropic,
    ask: dict[str, Any],
    wait: float | datetime,
    header: str,
) -> None:
    raised = failed(anthropic_server, sdk, ask, Failure(kind="rate_limited", retry_after=wait))
    assert raised.response.headers["retry-after"] == header


def test_the_sdk_tries_again_when_it_is_told_to(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.fail("overloaded", retry_after=0.001)
    anthropic_server.say("at last")
    message = sdk.with_options(max_retries=1).messages.create(**ask)
    assert message.content[0].text == "at last"
    assert len(anthropic_server.requests) == 2
