"""Every failure has its own class, tells what to do, and keeps the key to itself."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    BadRequestError,
    ChatConfig,
    ContentFilterError,
    ContextLengthError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    RetryPolicy,
    ServerError,
)
from racto.providers.openai import OpenAIDeveloperKit

HI = ChatConfig(user_message="hi")
Make = Callable[..., OpenAIDeveloperKit]

_TABLE: list[tuple[int, dict[str, Any], type[RactoGatewayError]]] = [
    (400, {}, BadRequestError),
    (401, {}, RactoGatewayAuthError),
    (402, {}, QuotaExhaustedError),
    (403, {}, PermissionDeniedError),
    (404, {}, NotFoundError),
    (408, {}, RactoGatewayTimeoutError),
    (409, {}, RactoGatewayAPIError),
    (413, {}, BadRequestError),
    (422, {}, BadRequestError),
    (429, {"code": "rate_limit_exceeded"}, RateLimitError),
    (429, {"code": "insufficient_quota"}, QuotaExhaustedError),
    (429, {"kind": "insufficient_quota"}, QuotaExhaustedError),
    (400, {"code": "context_length_exceeded"}, ContextLengthError),
    (400, {"code": "content_filter"}, ContentFilterError),
    (400, {"code": "content_policy_violation"}, ContentFilterError),
    (500, {}, ServerError),
    (502, {}, ServerError),
    (503, {}, OverloadedError),
    (529, {}, OverloadedError),
    (500, {"kind": "overloaded_error"}, OverloadedError),
]


@pytest.mark.parametrize(("status", "facts", "kind"), _TABLE)
def test_each_status_and_code_has_its_class(
    server: Any, make_kit: Make, status: int, facts: dict[str, Any], kind: type[Exception]
) -> None:
    kit = make_kit(retry=RetryPolicy(attempts=1))
    server.add(server.fails(status, "what went wrong", **facts))
    with pytest.raises(RactoGatewayError, match="what went wrong") as caught:
        kit.chat(HI)
    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert caught.value.provider == "openai"
    assert caught.value.request_id == "req_1"
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("facts", [{"code": "insufficient_quota"}, {"kind": "billing_not_active"}])
def test_an_exhausted_quota_is_not_retried(
    server: Any, kit: OpenAIDeveloperKit, facts: dict[str, str]
) -> None:
    server.add(server.fails(429, "no credit", headers={"retry-after": "0"}, **facts))
    with pytest.raises(QuotaExhaustedError, match="billing"):
        kit.chat(HI)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_refused_request_is_not_repeated(
    server: Any, kit: OpenAIDeveloperKit, status: int
) -> None:
    server.add(server.fails(status))
    with pytest.raises(RactoGatewayError):
        kit.chat(HI)
    assert len(server.requests) == 1


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
    server: Any, kit: OpenAIDeveloperKit, message: str, limit: int | None, count: int | None
) -> None:
    code = None if limit else "context_length_exceeded"
    server.add(server.fails(400, message, code=code))
    with pytest.raises(ContextLengthError) as caught:
        kit.chat(HI)
    assert (caught.value.limit, caught.value.count) == (limit, count)


def test_the_key_is_never_printed(server: Any, make_kit: Make) -> None:
    key = "no-known-shape-4711"
    kit = make_kit(api_key=key)
    server.add(server.fails(401, f"Incorrect API key provided: {key}."))
    with pytest.raises(RactoGatewayAuthError) as caught:
        kit.chat(HI)
    assert len(server.requests) == 1
    assert key not in str(caught.value)
    assert key not in repr(caught.value)
    assert "api_key" in str(caught.value)
    assert key not in repr(kit)
    assert key not in repr(vars(kit)) + repr(vars(kit._connection.transport))
    assert server.headers[0]["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>sorry", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"choices": []}', "no choices"),
        (b'{"choices": [7]}', "not a chat completion"),
        (b'{"id": "x"}', "no choices"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_a_reply_that_is_none_is_an_error_with_its_beginning(
    server: Any, kit: OpenAIDeveloperKit, body: bytes, told: str
) -> None:
    server.add(server.reply(body))
    with pytest.raises(InvalidResponseError, match=told) as caught:
        kit.chat(HI)
    assert caught.value.request_id == "req_1"


def test_an_error_under_status_200_is_an_error(server: Any, kit: OpenAIDeveloperKit) -> None:
    server.add(server.fails(200, "slow down", code="rate_limit_exceeded"))
    assert kit.chat(HI).attempts == 2


async def test_a_connection_that_breaks_is_tried_again(
    server: Any, kit: OpenAIDeveloperKit
) -> None:
    server.add(server.reply(reset=True))
    assert kit.chat(HI).attempts == 2
    server.add(server.reply(reset=True))
    assert (await kit.achat(HI)).attempts == 2
    await kit.aclose()


async def test_a_server_that_is_not_there_is_named(make_kit: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kit = make_kit(base_url=f"http://127.0.0.1:{port}/v1")
    with pytest.raises(APIConnectionError, match=r"refused|connect"):
        kit.chat(HI)
    with pytest.raises(APIConnectionError, match=r"refused|connect"):
        await kit.achat(HI)
    unknown = make_kit(base_url="http://no-such-host.invalid/v1", retry=RetryPolicy(attempts=1))
    with pytest.raises(APIConnectionError) as caught:
        unknown.chat(HI)
    assert caught.value.retryable


@pytest.mark.parametrize("voice", ["sync", "async"])
async def test_silence_is_a_timeout(server: Any, kit: OpenAIDeveloperKit, voice: str) -> None:
    server.add(server.reply(server.says("late").body, delay=2.0))
    config = ChatConfig(user_message="hi", timeout=0.2)
    with pytest.raises(RactoGatewayTimeoutError, match="in time"):
        kit.chat(config) if voice == "sync" else await kit.achat(config)
    await kit.aclose()


def test_a_field_that_the_server_refuses_is_a_bad_request(
    server: Any, kit: OpenAIDeveloperKit
) -> None:
    with pytest.raises(BadRequestError, match=r"Unrecognized.*made_up"):
        kit.chat(ChatConfig(user_message="hi", extra={"made_up": 1}))
