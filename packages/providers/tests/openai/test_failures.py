"""OpenAI's words for what goes wrong, and those of servers that speak as it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    BadRequestError,
    ChatConfig,
    ContentFilterError,
    ContextLengthError,
    InvalidResponseError,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    RetryPolicy,
    ServerError,
)
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import OpenAIServer

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., OpenAIDeveloperKit]

_TABLE: list[tuple[int, dict[str, Any], type[RactoGatewayError]]] = [
    (429, {"code": "rate_limit_exceeded"}, RateLimitError),
    (429, {"code": "insufficient_quota"}, QuotaExhaustedError),
    (429, {"type": "insufficient_quota"}, QuotaExhaustedError),
    (429, {"type": "billing_not_active"}, QuotaExhaustedError),
    (400, {"code": "context_length_exceeded"}, ContextLengthError),
    (400, {"code": "content_filter"}, ContentFilterError),
    (400, {"code": "content_policy_violation"}, ContentFilterError),
    (400, {"code": "invalid_prompt"}, ContentFilterError),
    (400, {"code": "invalid_image_url"}, BadRequestError),
    (400, {"code": "invalid_encrypted_content"}, BadRequestError),
    (500, {"type": "server_error"}, ServerError),
    (500, {"type": "overloaded_error"}, OverloadedError),
]


@pytest.fixture(params=["responses", "chat"])
def kit(request: pytest.FixtureRequest, make_kit: Make) -> OpenAIDeveloperKit:
    """A kit over either API that asks once."""
    return make_kit(api=request.param, retry=ONCE)


@pytest.mark.parametrize(("status", "facts", "kind"), _TABLE)
def test_each_code_has_its_class(
    server: OpenAIServer, make_kit: Make, status: int, facts: dict[str, Any], kind: type[Exception]
) -> None:
    error = {"message": "what went wrong", "type": None, "code": None, "param": None, **facts}
    server.fail(status=status, body={"error": error})
    with pytest.raises(RactoGatewayError, match="what went wrong") as caught:
        make_kit(retry=ONCE).chat(HI)
    assert type(caught.value) is kind
    assert (caught.value.status_code, caught.value.provider) == (status, "openai")
    assert str(caught.value.request_id).startswith("req_")
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("message", "limit", "count"),
    [
        (
            "This model's maximum context length is 128000 tokens. However, your messages "
            "resulted in 130,005 tokens.",
            128_000,
            130_005,
        ),
        (
            "This model's maximum context length is 4096 tokens. However, you requested 5000 "
            "tokens (1000 in the messages, 4000 in the completion).",
            4096,
            5000,
        ),
        ("Input exceeds the context window of this model.", None, None),
    ],
)
def test_a_context_overflow_names_limit_and_count(
    server: OpenAIServer,
    kit: OpenAIDeveloperKit,
    message: str,
    limit: int | None,
    count: int | None,
) -> None:
    server.fail("context_overflow", message=message)
    with pytest.raises(ContextLengthError) as caught:
        kit.chat(HI)
    assert (caught.value.limit, caught.value.count) == (limit, count)


def test_the_key_is_never_printed(server: OpenAIServer, make_kit: Make) -> None:
    key = "no-known-shape-4711"
    kit = make_kit(api_key=key)
    server.fail("unauthorized", message=f"Incorrect API key provided: {key}.")
    with pytest.raises(RactoGatewayAuthError) as caught:
        kit.chat(HI)
    assert len(server.requests) == 1
    assert key not in str(caught.value)
    assert key not in repr(caught.value)
    assert "api_key" in str(caught.value)
    assert key not in repr(kit)
    assert key not in repr(vars(kit)) + repr(vars(kit._transport))
    assert server.last.headers["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>sorry", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"choices": [], "output": 7}', "holds no"),
        (b'{"choices": [7], "output": [7]}', "is not a"),
        (b'{"id": "x"}', "holds no"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_a_reply_that_is_none_is_an_error_with_its_beginning(
    server: OpenAIServer, kit: OpenAIDeveloperKit, body: bytes, told: str
) -> None:
    server.say(body=body)
    with pytest.raises(InvalidResponseError, match=told) as caught:
        kit.chat(HI)
    assert str(caught.value.request_id).startswith("req_")


def test_an_error_under_status_200_is_an_error(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.fail("rate_limited", status=200)
    with pytest.raises(RateLimitError):
        kit.chat(HI)


def test_a_response_that_failed_is_an_error(server: OpenAIServer, make_kit: Make) -> None:
    kit = make_kit(api="responses", retry=ONCE)
    server.say(body={"id": "r", "status": "failed", "output": []})
    with pytest.raises(RactoGatewayError, match="without a reason"):
        kit.chat(HI)


def test_a_field_that_the_server_refuses_is_a_bad_request(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    with pytest.raises(BadRequestError, match=r"made_up"):
        kit.chat(ChatConfig(user_message="hi", extra={"made_up": 1}))
