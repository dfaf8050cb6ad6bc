"""When tasks run again, and after how long."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from racto.celery import RetryConfig
from racto.core.errors import (
    BadRequestError,
    DeadlineExceededError,
    RactoGatewayAPIError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)


def test_defaults_are_the_references() -> None:
    config = RetryConfig()
    assert (config.max_retries, config.initial_delay_s) == (3, 2.0)
    assert (config.backoff_factor, config.max_delay_s) == (2.0, 300.0)
    assert [config.cap(attempt) for attempt in range(4)] == [2.0, 4.0, 8.0, 16.0]
    assert config.cap(10_000) == 300.0


@given(st.integers(0, 400), st.floats(0.0, 1.0), st.none() | st.floats(0.0, 500.0))
def test_delay_is_drawn_below_the_cap_and_above_what_was_asked(
    attempt: int, drawn: float, retry_after: float | None
) -> None:
    config = RetryConfig()
    cap = config.cap(attempt)
    wait = config.delay(attempt, retry_after=retry_after, draw=lambda: drawn)
    if retry_after is None:
        assert cap / 2 <= wait <= cap
    else:
        assert retry_after <= wait <= retry_after + cap / 2
    assert RetryConfig(jitter=False).delay(attempt, retry_after=retry_after) == (
        cap if retry_after is None else retry_after
    )


def test_tasks_that_fail_together_do_not_come_back_together() -> None:
    config = RetryConfig()
    assert len({config.delay(0) for _ in range(50)}) > 40
    assert len({config.delay(0, retry_after=5.0) for _ in range(50)}) > 40


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("400", status_code=400),
        DeadlineExceededError("late"),
        RactoGatewayAPIError("some other answer"),
        ValueError("no error of racto's"),
        TimeoutError("nor this one"),
        RateLimitError("429", retry_after=901.0),
        ServerError("503", retryable=False),
    ],
)
def test_what_cannot_succeed_later_is_not_retried(error: Exception) -> None:
    assert RetryConfig().wait(error, 0) is None


def test_what_may_succeed_later_is_retried_so_often() -> None:
    config = RetryConfig(max_retries=2)
    for error in (ServerError("503"), RactoGatewayTimeoutError("slow"), RateLimitError("429")):
        assert config.wait(error, 0) is not None
        assert config.wait(error, 1) is not None
        assert config.wait(error, 2) is None
    assert RetryConfig(max_retries=0).wait(ServerError("503"), 0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_retries": -1},
        {"initial_delay_s": -0.1},
        {"backoff_factor": 1.0},
        {"max_delay_s": float("inf")},
        {"max_retry": 3},
    ],
)
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        RetryConfig(**wrong)  # type: ignore[arg-type]
