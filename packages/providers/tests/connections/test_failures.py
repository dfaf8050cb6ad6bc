"""The border: each error becomes one of racto's, says what to do, and keeps secrets."""

from __future__ import annotations

import json
import re
import socket
from itertools import pairwise
from typing import Any

import aiohttp
import httpx2
import pytest

from racto.core import (
    APIConnectionError,
    BadRequestError,
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
from racto.providers.connections import Translator, Vocabulary

WORDS = Vocabulary(
    telling={"no_credit": QuotaExhaustedError, "unsafe": ContentFilterError},
    codes={"busy": OverloadedError, "wrong": BadRequestError},
    limit=re.compile(r"at most ([\d,]+) tokens"),
    count=re.compile(r"([\d,]+) were sent"),
    key_advice="Check the key.",
)
TRANSLATOR = Translator("them", WORDS, secrets=["s3cr3t-without-a-shape"])


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, None, BadRequestError),
        (401, None, RactoGatewayAuthError),
        (402, None, QuotaExhaustedError),
        (403, None, PermissionDeniedError),
        (404, None, NotFoundError),
        (408, None, RactoGatewayTimeoutError),
        (409, None, RactoGatewayAPIError),
        (413, None, BadRequestError),
        (422, None, BadRequestError),
        (429, None, RateLimitError),
        (429, "no_credit", QuotaExhaustedError),
        (429, "busy", RateLimitError),
        (400, "unsafe", ContentFilterError),
        (400, "busy", BadRequestError),
        (500, None, ServerError),
        (500, "busy", OverloadedError),
        (502, None, ServerError),
        (503, None, OverloadedError),
        (529, None, OverloadedError),
        (None, "busy", OverloadedError),
        (None, "WRONG", BadRequestError),
        (None, "502", ServerError),
        (None, "strange", RactoGatewayAPIError),
    ],
)
def test_codes_say_more_than_the_status_and_the_status_more_than_nothing(
    status: int | None, code: str | None, kind: type[Exception]
) -> None:
    error = TRANSLATOR.reported({"message": "oh no", "code": code}, status=status)
    assert type(error) is kind
    assert "oh no." in str(error)
    assert error.provider == "them"


def test_what_is_too_long_is_told_with_its_numbers() -> None:
    message = "We take at most 4,096 tokens, and 5,000 were sent"
    error = TRANSLATOR.reported({"message": message}, status=400)
    assert isinstance(error, ContextLengthError)
    assert (error.limit, error.count) == (4096, 5000)
    assert "Shorten the history" in str(error)


def test_overload_is_told_by_its_words_where_there_is_no_code() -> None:
    error = TRANSLATOR.reported({"message": "The server is overloaded"}, status=500)
    assert isinstance(error, OverloadedError)


def test_advice_is_given_and_the_secret_is_not() -> None:
    error = TRANSLATOR.reported("no such key: s3cr3t-without-a-shape", status=401)
    assert str(error) == "them answered 401: no such key: ***. Check the key."
    assert "check the plan" in str(TRANSLATOR.reported("x", status=402))
    assert len(str(TRANSLATOR.reported("long " * 9999, status=400))) < 3000


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 422, 425, 499])
@pytest.mark.parametrize("code", [None, "busy", "wrong"])
def test_nothing_that_is_the_callers_fault_is_tried_again(status: int, code: str | None) -> None:
    assert not TRANSLATOR.reported({"message": "no", "code": code}, status=status).retryable


class Talker(Translator):
    """Tells in words alone."""

    def meanings(self, message: str) -> set[str]:
        return {"unsafe"} if "moderation" in message else set()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, ContentFilterError),
        (400, ContentFilterError),
        (403, ContentFilterError),
        (500, ContentFilterError),
        (401, RactoGatewayAuthError),
        (404, NotFoundError),
        (422, BadRequestError),
        (429, RateLimitError),
    ],
)
def test_words_count_where_the_status_leaves_the_fault_open(
    status: int | None, kind: type[Exception]
) -> None:
    talker = Talker("them", WORDS)
    assert type(talker.reported("model 'moderation' says no", status=status)) is kind


def test_numbers_without_end_are_no_numbers_of_tokens() -> None:
    error = TRANSLATOR.reported(f"at most {'9' * 3000} tokens", status=400)
    assert isinstance(error, ContextLengthError)
    assert error.limit is None
    assert type(TRANSLATOR.reported({"message": "no", "code": "5" * 5000})) is RactoGatewayAPIError


SECRET = "s3cr3t-without-a-shape"


@pytest.mark.parametrize("lead", [0, 190, 480, 499, 1990, 4080])
def test_no_cut_leaves_half_a_secret(lead: int) -> None:
    text = "x" * lead + SECRET
    for error in (
        TRANSLATOR.refused(500, {}, text.encode()),
        TRANSLATOR.refused(500, {}, json.dumps({"error": {"message": text}}).encode()),
        TRANSLATOR.invalid("no", body=text.encode()),
    ):
        assert SECRET[:4] not in str(error)


def test_what_was_sent_is_secret_too() -> None:
    told = TRANSLATOR.refused(401, {}, b"bad key renewed-4711", secrets=["renewed-4711"])
    assert "renewed-4711" not in str(told)


@pytest.mark.parametrize("text", [f"key {SECRET}", "key sk-abcdefghijklmnop1234"])
def test_an_error_that_shows_a_secret_is_no_cause(text: str) -> None:
    plain, noted, met = RuntimeError("plain"), RuntimeError("plain"), RuntimeError("plain")
    noted.add_note(text)
    met.__context__ = RuntimeError(text)
    assert TRANSLATOR.cause(plain) is plain
    for telling in (RuntimeError(text), caused(plain, RuntimeError(text)), noted, met):
        assert TRANSLATOR.cause(telling) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({}, None),
        ({"retry-after": "soon"}, None),
    ],
)
def test_the_time_to_wait_is_read_from_the_headers(
    headers: dict[str, str], seconds: float | None
) -> None:
    error = TRANSLATOR.refused(429, {**headers, "x-request-id": "req_7"}, b'{"error": {}}')
    assert error.retry_after == seconds
    assert error.request_id == "req_7"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"error": {"message": "as JSON"}}', "as JSON"),
        (b'{"error": "as text"}', "as text"),
        (b"<html>as a page", "as a page"),
        (b"\xff\xfe", "\ufffd"),
        (b"", "no message"),
        (b"[" * 100_000, "[[[["),
    ],
)
def test_any_body_of_a_refusal_is_told(body: bytes, shown: str) -> None:
    assert shown in str(TRANSLATOR.refused(500, {}, body))


def caused(*chain: Exception) -> Exception:
    """An error, each raised from the next."""
    for error, cause in pairwise(chain):
        error.__cause__ = cause
    return chain[0]


CONNECTION = aiohttp.client_reqrep.ConnectionKey("h", 1, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ReadTimeout(""), RactoGatewayTimeoutError),
        (httpx2.PoolTimeout(""), RactoGatewayTimeoutError),
        (caused(RuntimeError("x"), TimeoutError()), RactoGatewayTimeoutError),
        (httpx2.ConnectError("refused"), APIConnectionError),
        (caused(httpx2.ConnectError("x"), socket.gaierror(-2, "unknown")), APIConnectionError),
        (httpx2.RemoteProtocolError("cut"), APIConnectionError),
        (ConnectionResetError("reset"), APIConnectionError),
        # The transport that carries aiohttp's calls names these two timeouts.
        (
            caused(httpx2.ConnectTimeout("x"), aiohttp.ServerDisconnectedError()),
            APIConnectionError,
        ),
        (
            caused(
                httpx2.ConnectTimeout("x"),
                aiohttp.ClientConnectorError(CONNECTION, OSError(111, "refused")),
                ConnectionRefusedError(111, "refused"),
            ),
            APIConnectionError,
        ),
        (
            caused(httpx2.ReadTimeout("x"), aiohttp.SocketTimeoutError("slow")),
            RactoGatewayTimeoutError,
        ),
        (caused(httpx2.ReadError("x"), aiohttp.ClientPayloadError("cut")), APIConnectionError),
        (RuntimeError("something else"), RactoGatewayAPIError),
    ],
)
def test_the_deepest_cause_tells_a_timeout_from_a_broken_connection(
    error: Exception, kind: type[Exception]
) -> None:
    assert type(TRANSLATOR.translated(error)) is kind


def test_what_sdks_raise_for_a_status_is_read_whole() -> None:
    import openai

    response = httpx2.Response(
        429, headers={"retry-after": "3"}, request=httpx2.Request("POST", "http://h/")
    )
    for body in ({"code": "no_credit", "message": "none left"}, None, "text"):
        raised = openai.RateLimitError("what it said", response=response, body=body)
        error: Any = TRANSLATOR.translated(raised)
        assert (error.status_code, error.retry_after) == (429, 3.0)
        assert isinstance(error, QuotaExhaustedError if isinstance(body, dict) else RateLimitError)
