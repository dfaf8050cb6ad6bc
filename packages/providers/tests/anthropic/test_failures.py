"""Errors: what Anthropic says of them, by status, by type, by code and in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    BadRequestError,
    ChatConfig,
    ContentFilterError,
    ContextLengthError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)
from racto.core.testing.contracts.voices import Voice
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.failures import AnthropicTranslator
from racto.testing import AnthropicServer

Make = Callable[..., AnthropicDeveloperKit]
ASK = ChatConfig(user_message="?")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("invalid_request_error", BadRequestError),
        ("request_too_large", BadRequestError),
        ("authentication_error", RactoGatewayAuthError),
        ("permission_error", PermissionDeniedError),
        ("not_found_error", NotFoundError),
        ("rate_limit_error", RateLimitError),
        ("overloaded_error", OverloadedError),
        ("timeout_error", RactoGatewayTimeoutError),
        ("billing_error", QuotaExhaustedError),
        ("api_error", ServerError),
        ("mood_error", RactoGatewayAPIError),
    ],
)
def test_the_type_tells_where_the_status_says_nothing(
    translator: AnthropicTranslator, kind: str, error: type[Exception]
) -> None:
    assert type(translator.reported({"type": kind, "message": "no"})) is error


@pytest.mark.parametrize(
    "message",
    [
        "Your credit balance is too low to access the Anthropic API.",
        "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
        "You have reached your specified workspace API usage limits.",
    ],
)
def test_money_that_is_spent_is_told_in_words_only(
    translator: AnthropicTranslator, message: str
) -> None:
    facts = {"type": "invalid_request_error", "message": message}
    assert type(translator.reported(facts, status=400)) is QuotaExhaustedError


def test_a_filtered_reply_is_told_in_words_only(translator: AnthropicTranslator) -> None:
    facts = {
        "type": "invalid_request_error",
        "message": "Output blocked by content filtering policy",
    }
    assert type(translator.reported(facts, status=400)) is ContentFilterError


@pytest.mark.parametrize(
    ("message", "limit", "count"),
    [
        ("prompt is too long: 215000 tokens > 200000 maximum", 200000, 215000),
        (
            "input length and `max_tokens` exceed context limit: 190,000 + 20,000 > 200,000, "
            "decrease input length or `max_tokens` and try again",
            200000,
            190000,
        ),
        ("prompt is too long", None, None),
    ],
)
def test_an_overflow_names_limit_and_count(
    translator: AnthropicTranslator, message: str, limit: int | None, count: int | None
) -> None:
    error = translator.reported({"type": "invalid_request_error", "message": message}, status=400)
    assert isinstance(error, ContextLengthError)
    assert (error.limit, error.count) == (limit, count)


# -- over the wire -------------------------------------------------------------------------------


def caught(voice: Voice, kit: AnthropicDeveloperKit, error: type[Exception]) -> Any:
    with pytest.raises(error) as found:
        voice(kit, "chat", ASK)
    assert type(found.value) is error
    return found.value


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("bad_request", {}, BadRequestError),
        ("bad_request", {"status": 413}, BadRequestError),
        ("unauthorized", {}, RactoGatewayAuthError),
        ("quota_exhausted", {}, QuotaExhaustedError),
        ("quota_exhausted", {"status": 400}, QuotaExhaustedError),
        ("quota_exhausted", {"status": 429}, QuotaExhaustedError),
        ("forbidden", {}, PermissionDeniedError),
        ("not_found", {}, NotFoundError),
    ],
)
def test_final_errors_are_told_once(
    anthropic_server: AnthropicServer,
    kit: AnthropicDeveloperKit,
    voice: Voice,
    kind: Any,
    fields: dict[str, Any],
    error: type[Exception],
) -> None:
    anthropic_server.fail(kind, **fields)
    found = caught(voice, kit, error)
    assert len(anthropic_server.requests) == 1
    assert (found.provider, found.retryable) == ("anthropic", False)
    assert found.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("rate_limited", {}, RateLimitError),
        ("overloaded", {}, OverloadedError),
        ("overloaded", {"status": 503}, OverloadedError),
        ("server_error", {}, ServerError),
        ("server_error", {"status": 504}, RactoGatewayTimeoutError),
    ],
)
def test_passing_errors_are_tried_again(
    anthropic_server: AnthropicServer,
    kit: AnthropicDeveloperKit,
    voice: Voice,
    kind: Any,
    fields: dict[str, Any],
    error: type[Exception],
) -> None:
    for _ in range(3):
        anthropic_server.fail(kind, **fields)
    assert caught(voice, kit, error).retryable
    assert len(anthropic_server.requests) == 3
    anthropic_server.fail(kind, **fields)
    assert voice(kit, "chat", ASK).attempts == 2


def test_a_page_instead_of_an_error_is_still_an_error(
    anthropic_server: AnthropicServer, kit: AnthropicDeveloperKit, voice: Voice
) -> None:
    anthropic_server.fail("bad_request", status=403, body=b"<html>blocked</html>")
    assert "blocked" in caught(voice, kit, PermissionDeniedError).message
