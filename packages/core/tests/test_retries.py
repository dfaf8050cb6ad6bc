"""Retries wait with full jitter, heed Retry-After, and never go past the deadline."""

from __future__ import annotations

import asyncio
import math
import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import flows
from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    DeadlineExceededError,
    QuotaExhaustedError,
    RateLimitError,
    ServerError,
)
from racto.core.retries import Deadline, RetryPolicy, parse_retry_after, retrying

seconds = st.floats(0, 1e6)


class Failing:
    """A sub-flow that raises the given errors in turn, then returns ``done``."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> flows.Flow[str]:
        return flows.step(self.now, self.anow)

    def now(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def anow(self) -> str:
        return self.now()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []

    async def asleep(wait: float) -> None:
        waits.append(wait)

    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(asyncio, "sleep", asleep)
    return waits


class TestPolicy:
    @settings(deadline=None)
    @given(
        st.builds(
            RetryPolicy,
            base=seconds,
            multiplier=st.floats(1, 100),
            maximum=seconds,
            jitter=st.sampled_from(["full", "none"]),
        ),
        st.integers(1, 5000),
        st.none() | seconds,
        st.floats(0, 1),
    )
    def test_a_delay_lies_between_what_was_asked_and_the_cap(
        self, policy: RetryPolicy, attempt: int, asked: float | None, drawn: float
    ) -> None:
        delay = policy.delay(attempt, retry_after=asked, draw=lambda: drawn)
        assert math.isfinite(delay)
        assert (asked or 0.0) <= delay <= max(asked or 0.0, policy.cap(attempt))
        assert policy.cap(attempt) <= min(policy.maximum, policy.cap(attempt + 1))

    def test_caps_double_up_to_the_maximum(self) -> None:
        policy = RetryPolicy(base=0.5, maximum=3.0)
        assert [policy.cap(attempt) for attempt in (1, 2, 3, 4, 2000)] == [0.5, 1, 2, 3, 3]
        assert RetryPolicy(base=0).cap(9999) == 0

    def test_full_jitter_spreads_over_the_whole_range(self) -> None:
        drawn = [RetryPolicy(base=1.0).delay(1) for _ in range(200)]
        assert min(drawn) < 0.2
        assert max(drawn) > 0.8

    @pytest.mark.parametrize(
        "wrong",
        [{"attempts": 0}, {"base": -1}, {"multiplier": 0.5}, {"maximum": math.nan}],
    )
    def test_numbers_out_of_range(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ConfigurationError):
            RetryPolicy(**wrong)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "wanted"),
        [
            ("7", 7.0),
            (" 1.5 ", 1.5),
            (3, 3.0),
            ("7s", 7.0),
            ("250ms", 0.25),
            (None, None),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("nan", None),
            ("inf", None),
            ("1e999", None),
            ("Mon, 99 Foo 2026", None),
            ({"Retry-After": "2"}, 2.0),
            ({"Retry-After-Ms": "1500", "retry-after": "9"}, 1.5),
            ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
            ({}, None),
        ],
    )
    def test_forms(self, value: Any, wanted: float | None) -> None:
        assert parse_retry_after(value) == wanted

    def test_dates(self) -> None:
        date = formatdate(1_800_000_000, usegmt=True)
        assert parse_retry_after(date, now=1_799_999_990.0) == 10.0
        assert parse_retry_after(date, now=1_800_000_100.0) == 0.0
        assert parse_retry_after("Fri Jan 15 08:00:00 2027", now=1_799_999_990.0) == 10.0

    @settings(deadline=None)
    @given(st.text())
    def test_no_text_breaks_it(self, text: str) -> None:
        found = parse_retry_after(text)
        assert found is None or (found >= 0 and math.isfinite(found))


class TestRetrying:
    async def test_both_voices_retry_what_is_retryable(self, slept: list[float]) -> None:
        told: list[Any] = []
        for voice in ("sync", "async"):
            calls = Failing(ServerError("1"), RateLimitError("2", retry_after=7.0))
            flow = retrying(calls, on_retry=lambda *facts: told.append(facts))
            result = flows.run(flow) if voice == "sync" else await flows.arun(flow)
            assert (result, calls.calls) == ("done", 3)
        assert len(slept) == 4
        assert slept[0] <= 0.5
        assert slept[1] == slept[3] == 7.0
        assert [(str(error), attempt) for error, attempt, _ in told[:2]] == [("1", 1), ("2", 2)]
        assert [wait for _, _, wait in told] == slept

    def test_the_last_error_is_raised_with_the_count(self, slept: list[float]) -> None:
        calls = Failing(*(ServerError(str(number)) for number in range(9)))
        with pytest.raises(ServerError, match="2") as caught:
            flows.run(retrying(calls, RetryPolicy(attempts=3)))
        assert calls.calls == 3
        assert caught.value.__notes__ == ["not retried: all attempts are spent (attempts made: 3)"]

    @pytest.mark.parametrize("error", [BadRequestError("x"), QuotaExhaustedError("x"), KeyError()])
    def test_final_errors_are_not_retried(self, slept: list[float], error: Exception) -> None:
        calls = Failing(error)
        with pytest.raises(type(error)):
            flows.run(retrying(calls))
        assert (calls.calls, slept) == (1, [])
        assert not hasattr(error, "__notes__")

    def test_no_wait_goes_past_the_deadline(self, slept: list[float]) -> None:
        calls = Failing(RateLimitError("x", retry_after=7.0))
        with pytest.raises(RateLimitError) as caught:
            flows.run(retrying(calls, deadline=Deadline.after(5)))
        assert (calls.calls, slept) == (1, [])
        assert "deadline" in caught.value.__notes__[0]

    def test_a_passed_deadline_makes_no_call(self) -> None:
        calls = Failing()
        with pytest.raises(DeadlineExceededError):
            flows.run(retrying(calls, deadline=Deadline.after(-1)))
        assert calls.calls == 0

    def test_an_hour_is_not_waited_for(self, slept: list[float]) -> None:
        with pytest.raises(RateLimitError) as caught:
            flows.run(retrying(Failing(RateLimitError("x", retry_after=3600.0))))
        assert slept == []
        assert "3600 s" in caught.value.__notes__[0]

    async def test_cancellation_ends_the_wait(self) -> None:
        policy = RetryPolicy(base=60, maximum=60, jitter="none")
        task = asyncio.ensure_future(flows.arun(retrying(Failing(ServerError("x")), policy)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
