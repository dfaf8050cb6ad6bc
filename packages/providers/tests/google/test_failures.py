"""Google's errors have racto's classes, waits and advice."""

from __future__ import annotations

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
from racto.providers.google import GoogleDeveloperKit
from racto.providers.google.failures import GOOGLE_VOCABULARY, GoogleTranslator
from racto.testing import Conduct, Failure, GeminiServer
from racto.testing.replies import FailureKind

RPC = "type.googleapis.com/google.rpc."


def read(
    status: str, *, code: int | None = None, message: str = "told", details: Any = None
) -> RactoGatewayError:
    """The error for a body of a stream, whose HTTP status says nothing."""
    translator = GoogleTranslator("google", GOOGLE_VOCABULARY)
    body = {"status": status, "message": message, "details": details}
    return translator.reported(body if code is None else body | {"code": code})


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (400, "INVALID_ARGUMENT", BadRequestError),
        (400, "FAILED_PRECONDITION", BadRequestError),
        (401, "UNAUTHENTICATED", RactoGatewayAuthError),
        (416, "OUT_OF_RANGE", BadRequestError),
        (403, "PERMISSION_DENIED", PermissionDeniedError),
        (404, "NOT_FOUND", NotFoundError),
        (429, "RESOURCE_EXHAUSTED", RateLimitError),
        (499, "CANCELLED", RactoGatewayAPIError),
        (500, "INTERNAL", ServerError),
        (503, "UNAVAILABLE", OverloadedError),
        (504, "DEADLINE_EXCEEDED", RactoGatewayTimeoutError),
    ],
)
def test_each_status_has_its_class_with_and_without_its_code(
    code: int, status: str, kind: type[Exception]
) -> None:
    assert type(read(status, code=code)) is kind
    assert type(read(status)) is kind


@pytest.mark.parametrize(
    ("code", "http", "kind"),
    [
        ("invalid_request", 400, BadRequestError),
        ("parameter_unknown", 400, BadRequestError),
        ("failed_precondition", 400, BadRequestError),
        ("out_of_range", 416, BadRequestError),
        ("authentication", 401, RactoGatewayAuthError),
        ("payment_required", 402, QuotaExhaustedError),
        ("permission_denied", 403, PermissionDeniedError),
        ("not_found", 404, NotFoundError),
        ("model_not_found", 404, NotFoundError),
        ("rate_limit_exceeded", 429, RateLimitError),
        ("too_many_requests", 429, RateLimitError),
        ("quota_exceeded", 429, QuotaExhaustedError),
        ("cancelled", 499, RactoGatewayAPIError),
        ("api_error", 500, ServerError),
        ("service_unavailable", 503, OverloadedError),
        ("deadline_exceeded", 504, RactoGatewayTimeoutError),
    ],
)
def test_the_newer_protocols_codes_are_words(code: str, http: int, kind: type[Exception]) -> None:
    translator = GoogleTranslator("google", GOOGLE_VOCABULARY)
    body = {"code": code, "message": "told"}
    assert type(translator.reported(body)) is kind
    assert type(translator.reported(body, status=http)) is kind


@pytest.mark.parametrize(
    ("reason", "code", "status", "kind"),
    [
        ("API_KEY_INVALID", 400, "INVALID_ARGUMENT", RactoGatewayAuthError),
        ("API_KEY_EXPIRED", 400, "INVALID_ARGUMENT", RactoGatewayAuthError),
        ("BILLING_DISABLED", 403, "PERMISSION_DENIED", QuotaExhaustedError),
        ("SERVICE_DISABLED", 403, "PERMISSION_DENIED", PermissionDeniedError),
        ("MODEL_CAPACITY_EXHAUSTED", 429, "RESOURCE_EXHAUSTED", OverloadedError),
    ],
)
def test_a_reason_says_more_than_the_status(
    reason: str, code: int, status: str, kind: type[Exception]
) -> None:
    details = [{"@type": f"{RPC}ErrorInfo", "reason": reason}]
    assert type(read(status, code=code, details=details)) is kind


def violation(**facts: Any) -> list[Any]:
    return [{"@type": f"{RPC}QuotaFailure", "violations": [facts]}]


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        (
            violation(quotaId="GenerateRequestsPerMinutePerProjectPerModel", quotaValue="10"),
            RateLimitError,
        ),
        (violation(quotaId="GenerateRequestsPerDayPerProjectPerModel"), QuotaExhaustedError),
        (violation(quotaMetric="x/generate_requests_per_model_per_day"), QuotaExhaustedError),
        (violation(quotaId="InputTokensPerModelPerMinute", quotaValue="0"), QuotaExhaustedError),
        ([{"@type": f"{RPC}QuotaFailure", "violations": [7]}], RateLimitError),
        ([{"@type": f"{RPC}QuotaFailure", "violations": 7}], RateLimitError),
        ([7], RateLimitError),
        ("none", RateLimitError),
    ],
)
def test_a_quota_of_a_minute_passes_and_one_of_a_day_does_not(
    details: Any, kind: type[RactoGatewayError]
) -> None:
    # The words are the same for both.
    told = "You exceeded your current quota, please check your plan and billing details."
    error = read("RESOURCE_EXHAUSTED", code=429, message=told, details=details)
    assert type(error) is kind
    assert error.retryable == (kind is RateLimitError)


@pytest.mark.parametrize(
    "told", ["Your prepayment credits are depleted.", "The project hit its spending cap."]
)
def test_no_money_is_no_storm(told: str) -> None:
    error = read("RESOURCE_EXHAUSTED", code=429, message=told)
    assert type(error) is QuotaExhaustedError
    assert "midnight Pacific" in str(error)


@pytest.mark.parametrize(
    ("details", "message", "wait"),
    [
        ([{"@type": f"{RPC}RetryInfo", "retryDelay": "7s"}], "x", 7.0),
        ([{"@type": f"{RPC}RetryInfo", "retryDelay": "0.25s"}], "Please retry in 9s.", 0.25),
        (None, "Please retry in 20.5s.", 20.5),
        (None, "Please retry in 250ms.", 0.25),
        ([{"@type": f"{RPC}RetryInfo"}], "x", None),
        ([{"@type": f"{RPC}RetryInfo", "retryDelay": {"seconds": 1}}], "x", None),
    ],
)
def test_the_wait_is_read(details: Any, message: str, wait: float | None) -> None:
    error = read("RESOURCE_EXHAUSTED", code=429, message=message, details=details)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("message", "limit", "count"),
    [
        (
            "The input token count (1200293) exceeds the maximum number of tokens allowed "
            "(1048576).",
            1_048_576,
            1_200_293,
        ),
        (
            "Unable to submit request because the input token count is 40000 but model only "
            "supports up to 32768.",
            32_768,
            40_000,
        ),
        ("The input token count exceeds the maximum number of tokens allowed.", None, None),
    ],
)
def test_an_overflow_names_limit_and_count(
    message: str, limit: int | None, count: int | None
) -> None:
    error = read("INVALID_ARGUMENT", code=400, message=message)
    assert isinstance(error, ContextLengthError)
    assert (error.limit, error.count) == (limit, count)


def test_a_reply_that_is_a_list_of_one_error_is_that_error() -> None:
    translator = GoogleTranslator("google", GOOGLE_VOCABULARY)
    assert translator.error_in(b'[{"error": {"code": 503}}]') == {"code": 503}
    assert translator.error_in(b'[{"error": 1}, {}]') is None


HI = ChatConfig(user_message="hi")
Make = Callable[..., GoogleDeveloperKit]


@pytest.mark.parametrize(
    ("failure", "kind", "calls"),
    [
        ("bad_request", BadRequestError, 1),
        ("unauthorized", RactoGatewayAuthError, 1),
        ("forbidden", PermissionDeniedError, 1),
        ("not_found", NotFoundError, 1),
        ("context_overflow", ContextLengthError, 1),
        ("quota_exhausted", QuotaExhaustedError, 1),
        ("content_filtered", ContentFilterError, 1),
        ("rate_limited", RateLimitError, 3),
        ("overloaded", OverloadedError, 3),
        ("server_error", ServerError, 3),
    ],
)
@pytest.mark.parametrize("voice", ["chat", "stream"])
def test_a_passing_failure_is_retried_and_a_final_one_is_not(
    server: GeminiServer,
    kit: GoogleDeveloperKit,
    failure: FailureKind,
    kind: type[Exception],
    calls: int,
    voice: str,
) -> None:
    server.default = Failure(kind=failure)
    with pytest.raises(RactoGatewayError) as caught:
        kit.chat(HI) if voice == "chat" else list(kit.stream(HI))
    assert type(caught.value) is kind
    assert caught.value.provider == "google"
    assert len(server.requests) == calls


def test_the_wait_that_is_asked_for_is_the_least(server: GeminiServer, make_kit: Make) -> None:
    waits: list[float] = []
    kit = make_kit(retry=RetryPolicy(base=0.0, maximum=0.0, patience=0.01), timeout=None)
    # Longer than the caller's patience: told at once, with the seconds of whichever says more.
    for header, info, wait in (("3", 7, 7.0), ("9", 7, 9.0), (None, 5, 5.0), ("2", None, 2.0)):
        headers = {"retry-after": header} if header else {}
        server.fail("rate_limited", retry_after=info, headers=headers)
        with pytest.raises(RateLimitError, match="rate-limits") as caught:
            kit.chat(HI)
        waits.append(caught.value.retry_after or 0.0)
        assert waits[-1] == wait
    assert len(server.requests) == len(waits)


def test_a_storm_passes(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    server.fail("rate_limited", retry_after=0.01)
    server.fail("overloaded")
    server.say("at last")
    response = kit.chat(HI)
    assert (response.content, response.attempts) == ("at last", 3)


def test_the_key_is_never_printed(server: GeminiServer, make_kit: Make) -> None:
    key = "no-known-shape-4711"
    kit = make_kit(api_key=key)
    server.default = Failure(kind="unauthorized", message=f"API key not valid: {key}.")
    with pytest.raises(RactoGatewayAuthError) as caught:
        kit.chat(HI)
    assert len(server.requests) == 1
    assert server.last.headers["x-goog-api-key"] == key
    assert key not in server.last.path + str(server.last.query)
    shown = f"{caught.value} {caught.value!r} {kit!r} {vars(kit)} {vars(kit._transport)}"
    assert key not in shown
    assert "GEMINI_API_KEY" in shown


def test_a_missing_key_is_told_without_a_call(
    monkeypatch: pytest.MonkeyPatch, server: GeminiServer
) -> None:
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    with GoogleDeveloperKit("m") as kit, pytest.raises(RactoGatewayAuthError, match="no API key"):
        kit.chat(HI)
    assert server.requests == []


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"<html>sorry", "not JSON"), ([1], "not a JSON object"), ({"a": 1}, "no candidates")],
)
def test_a_reply_that_is_none_is_an_error(
    server: GeminiServer, kit: GoogleDeveloperKit, body: Any, told: str
) -> None:
    server.say(body=body)
    with pytest.raises(InvalidResponseError, match=told):
        kit.chat(HI)


async def test_connections_that_break_are_tried_again(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    for conduct in (Conduct(reset=True), Conduct(garbage=b"\0\1\2"), Conduct(cut_after=9)):
        server.say("lost", conduct=conduct)
        server.say("found")
        assert kit.chat(HI).content == "found"
        server.say("lost", conduct=conduct)
        server.say("found")
        assert (await kit.achat(HI)).content == "found"
    await kit.aclose()


async def test_a_server_that_is_not_there_is_named(make_kit: Make) -> None:
    kit = make_kit(base_url="http://127.0.0.1:9", retry=RetryPolicy(attempts=1))
    with pytest.raises(APIConnectionError, match=r"connection( to .*)? failed"):
        kit.chat(HI)
    with pytest.raises(APIConnectionError, match=r"connection( to .*)? failed"):
        await kit.achat(HI)
    unknown = make_kit(base_url="http://no-such-host.invalid", retry=RetryPolicy(attempts=1))
    with pytest.raises(APIConnectionError) as caught:
        unknown.chat(HI)
    assert caught.value.retryable


@pytest.mark.parametrize("voice", ["sync", "async"])
async def test_silence_is_a_timeout(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str
) -> None:
    server.say("late", conduct=Conduct(delay=2.0))
    config = ChatConfig(user_message="hi", timeout=0.2)
    with pytest.raises(RactoGatewayTimeoutError, match="in time"):
        kit.chat(config) if voice == "sync" else await kit.achat(config)
    await kit.aclose()


def test_a_field_that_the_server_refuses_is_a_bad_request(kit: GoogleDeveloperKit) -> None:
    with pytest.raises(BadRequestError, match="made_up"):
        kit.chat(ChatConfig(user_message="hi", extra={"made_up": 1}))
