"""What a provider refuses: asked again where that helps, and told plainly where not."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ContentFilterError,
    ContextLengthError,
    FinishReason,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    RetryPolicy,
    ServerError,
)
from racto.testing import Failure, LoopbackServer

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., Any]


def test_a_storm_of_429_ends_in_an_answer(server: LoopbackServer, make_kit: Make, ask: Any) -> None:
    server.add(*[Failure(kind="rate_limited")] * 3)
    response = ask(make_kit(retry=RetryPolicy(attempts=5, base=0.01, maximum=0.02)))
    assert (response.content, response.attempts) == ("ok", 4)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_the_time_to_wait_is_read(server: LoopbackServer, make_kit: Make, form: str) -> None:
    told = 7 if form == "seconds" else datetime.now(UTC) + timedelta(hours=1)
    server.fail("rate_limited", retry_after=told)
    with pytest.raises(RateLimitError) as caught:
        make_kit(retry=ONCE).chat(HI)
    assert caught.value.retryable
    assert caught.value.retry_after == pytest.approx(7 if form == "seconds" else 3600, abs=90)


def test_a_short_wait_that_is_asked_for_is_the_floor(
    server: LoopbackServer, make_kit: Make
) -> None:
    server.fail("rate_limited", retry_after=1)
    kit = make_kit(retry=RetryPolicy(attempts=2, base=0.001, maximum=0.001))
    begun = time.monotonic()
    kit.chat(HI)
    assert time.monotonic() - begun >= 1.0


def test_a_wait_beyond_the_deadline_is_not_begun(server: LoopbackServer, make_kit: Make) -> None:
    server.fail("rate_limited", retry_after=3600)
    with pytest.raises(RactoGatewayError) as caught:
        make_kit(timeout=5.0).chat(HI)
    assert len(server.requests) == 1
    assert isinstance(caught.value, (RateLimitError, RactoGatewayTimeoutError))


@pytest.mark.parametrize(
    ("kind", "expected"), [("overloaded", OverloadedError), ("server_error", ServerError)]
)
def test_a_server_in_trouble_is_asked_again(
    server: LoopbackServer, make_kit: Make, ask: Any, kind: Any, expected: type[Exception]
) -> None:
    server.fail(kind)
    assert ask(make_kit()).attempts == 2
    server.add(*[Failure(kind=kind)] * 3)
    with pytest.raises(expected):
        ask(make_kit(retry=RetryPolicy(attempts=3, base=0.01, maximum=0.02)))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("quota_exhausted", QuotaExhaustedError),
        ("bad_request", RactoGatewayAPIError),
        ("not_found", RactoGatewayAPIError),
        ("forbidden", RactoGatewayError),
    ],
)
def test_what_waiting_cannot_mend_is_not_asked_again(
    server: LoopbackServer, make_kit: Make, ask: Any, kind: Any, expected: type[Exception]
) -> None:
    server.fail(kind)
    with pytest.raises(expected) as caught:
        ask(make_kit())
    assert len(server.requests) == 1
    assert not caught.value.retryable  # type: ignore[attr-defined]


def test_a_wrong_key_is_told_once_and_never_shown(
    server: LoopbackServer, make_kit: Make, ask: Any
) -> None:
    if server.key is None:
        pytest.skip("this provider's server wants no key")
    wrong = "wrong-key-4711-do-not-print"
    kit = make_kit(api_key=wrong)
    with pytest.raises(RactoGatewayAuthError) as caught:
        ask(kit)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(kit)
    assert wrong not in shown
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 500])
def test_no_traceback_shows_what_a_server_repeats(
    server: LoopbackServer, make_kit: Make, ask: Any, read: Any, status: int
) -> None:
    key, gate = server.key or "my-very-own-key", "gateways-own-key"
    kit = make_kit(api_key=key, headers={"X-Gateway-Key": gate}, retry=ONCE)
    told = f'{{"error": {{"message": "who are {key} and {gate}?"}}}}'
    server.add(*[Failure(status=status, body=told.encode())] * 2)
    with pytest.raises(RactoGatewayError) as caught:
        ask(kit)
    _, broken = read(kit)
    for error in (caught.value, broken):
        shown = "".join(traceback.format_exception(error)) + repr(error)
        assert "who are *** and ***?" in shown
        assert key not in shown
        assert gate not in shown


@pytest.mark.parametrize(
    "told",
    [
        "model " * 43_000,
        "model '" + "x" * 256_000,
        "prompt is too long>" * 13_000,
        "context length " * 17_000,
        "requested " * 25_000 + "9" * 256_000,
        "retry in 1" * 25_000,
        "reached your specified " + "a " * 128_000,
        "input token count " * 14_000 + " " * 256_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_sentence_without_end_is_searched_in_no_time(
    server: LoopbackServer, make_kit: Make, told: str
) -> None:
    server.add(Failure(status=400, body=f'{{"error": {{"message": "{told}"}}}}'.encode()))
    kit = make_kit(retry=ONCE)
    with pytest.raises(RactoGatewayAPIError) as caught:
        kit.chat(HI)
    assert len(str(caught.value)) < 3000


def test_an_overflow_names_limit_and_count(server: LoopbackServer, make_kit: Make) -> None:
    server.fail("context_overflow", limit=8192, count=9001)
    kit = make_kit()
    with pytest.raises(ContextLengthError) as caught:
        kit.chat(HI)
    told = (caught.value.limit, caught.value.count)
    # Ollama tells by how much it was too long, and neither of the two.
    assert told == ((None, None) if kit.provider == "ollama" else (8192, 9001))
    assert len(server.requests) == 1


def test_filtered_content_is_told_and_not_asked_again(
    server: LoopbackServer, make_kit: Make
) -> None:
    server.fail("content_filtered")
    try:
        finish = make_kit().chat(HI).finish_reason
    except ContentFilterError:
        finish = FinishReason.CONTENT_FILTER
    assert finish is FinishReason.CONTENT_FILTER
    assert len(server.requests) == 1
