"""The exact cache: what it keeps and for how long, one call for many, stale replies, refusals."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from racto.cache import CacheConfig, ExactMatchCache
from racto.core import FinishReason, LLMResponse
from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayError,
)
from racto.core.testing.contracts.requests import reply_of, request_of, tool_reply
from racto.core.usage import Usage

FIVE = ("How are you?", "Be brief.", "m-1", 0.0, 4096)
Get = Callable[..., LLMResponse]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Tally:
    """Metrics that remember what they were told."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], float] = {}

    def count(self, name: str, value: float = 1, attributes: Any = None) -> None:
        key = name, attributes.get("error.type", attributes["racto.cache"])
        self.told[key] = self.told.get(key, 0) + value

    def record(self, name: str, value: float, attributes: Any = None) -> None:
        raise AssertionError(name)

    def gauge(self, name: str, value: float, attributes: Any = None) -> None:
        raise AssertionError(name)


def until(told: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not told():
        assert time.monotonic() < end
        time.sleep(0.001)


async def test_the_reference_s_calls() -> None:
    cache = ExactMatchCache(512, 3600)
    assert cache.get(*FIVE) is None
    cache.put(*FIVE, reply_of("fine"))
    found = cache.get(*FIVE)
    assert found is not None
    assert (found.content, found.cached) == ("fine", True)
    assert await cache.aget(*FIVE) == found
    await cache.aput("other", *FIVE[1:], reply_of("too"))
    assert len(cache) == 2
    assert cache.stats.model_dump() == {"hits": 2, "misses": 1, "size": 2}
    assert cache.stats.hit_rate == pytest.approx(2 / 3)
    assert cache.invalidate(*FIVE)
    assert not cache.invalidate(*FIVE)
    assert await cache.ainvalidate("other", *FIVE[1:])
    cache.put(*FIVE, reply_of())
    cache.clear()
    assert cache.stats.model_dump() == {"hits": 0, "misses": 0, "size": 0}


def test_b13_what_was_found_cannot_be_poisoned() -> None:
    cache = ExactMatchCache()
    cache.put(*FIVE, reply_of("fine"))
    found = cache.get(*FIVE)
    assert found is not None
    found.content = "spoilt"
    again = cache.get(*FIVE)
    assert again is not None
    assert again.content == "fine"


@pytest.mark.parametrize("reason", [r for r in FinishReason if r is not FinishReason.STOP])
def test_b13_what_is_not_whole_is_not_kept(reason: FinishReason) -> None:
    cache = ExactMatchCache()
    cache.put(*FIVE, reply_of("half", finish_reason=reason))
    assert cache.get(*FIVE) is None


def test_refused_words_and_tool_calls_are_not_kept_unless_asked() -> None:
    cache, keeping = ExactMatchCache(), ExactMatchCache(keep_tool_calls=True)
    for each in (cache, keeping):
        each.put(*FIVE, tool_reply())
    assert cache.get(*FIVE) is None
    found = keeping.get(*FIVE)
    assert found is not None
    assert found.tool_calls == tool_reply().tool_calls
    cache.put(*FIVE, reply_of(refusal="I will not."))
    assert cache.get(*FIVE) is None


def test_settings_are_checked() -> None:
    wrong: list[dict[str, Any]] = [
        {"max_size": -1},
        {"ttl_seconds": 0},
        {"ttl_seconds": -1.0},
        {"max_bytes": 0},
        {"stale_seconds": 0},
        {"negative_ttl_seconds": float("nan")},
    ]
    for each in wrong:
        with pytest.raises(ConfigurationError, match=next(iter(each))):
            ExactMatchCache(**each)
    cache = ExactMatchCache()
    for seconds in (0.0, -1.0, float("nan")):
        with pytest.raises(ConfigurationError, match="ttl_seconds must be above 0"):
            cache.remember(request_of(), reply_of(), ttl_seconds=seconds)
    made = ExactMatchCache.of(CacheConfig(max_size=1, max_bytes=100_000))
    made.put(*FIVE, reply_of())
    made.put("other", *FIVE[1:], reply_of())
    assert (len(made), made.evictions) == (1, 1)


def test_zero_is_no_limit() -> None:
    cache = ExactMatchCache(0)
    for number in range(2000):
        cache.put(str(number), *FIVE[1:], reply_of())
    assert len(cache) == 2000


def test_bytes_are_a_limit_too() -> None:
    cache = ExactMatchCache(max_bytes=50_000)
    for number in range(10):
        cache.put(str(number), *FIVE[1:], reply_of("x" * 10_000))
    assert 0 < cache.bytes <= 50_000
    assert cache.get("9", *FIVE[1:]) is not None
    assert cache.get("0", *FIVE[1:]) is None
    cache.put("huge", *FIVE[1:], reply_of("x" * 60_000))
    assert cache.get("huge", *FIVE[1:]) is None
    assert cache.get("9", *FIVE[1:]) is not None


def test_times_of_entries() -> None:
    clock = Clock()
    cache = ExactMatchCache(ttl_seconds=10, clock=clock)
    cache.remember(request_of(), reply_of("own"), ttl_seconds=0.5)
    cache.remember(request_of(seed=1), reply_of())
    clock.now += 0.4
    assert cache.lookup(request_of()) is not None
    clock.now += 0.2
    assert cache.lookup(request_of()) is None
    clock.now -= 500
    assert cache.lookup(request_of()) is None
    assert cache.lookup(request_of(seed=1)) is not None
    clock.now += 500 + 9.5
    assert cache.lookup(request_of(seed=1)) is None
    assert len(cache) == 0


async def test_requests_without_a_key_are_answered_and_not_kept() -> None:
    cache = ExactMatchCache()
    request = request_of(extra={"handle": object()})
    cache.remember(request, reply_of())
    await cache.aremember(request, reply_of())
    assert cache.lookup(request) is None
    assert not cache.forget(request)
    assert not await cache.aforget(request)
    assert cache.get_or_compute(request, reply_of).content == "Paris."
    lead = cache.join(request)
    assert not isinstance(lead, LLMResponse)
    lead.finish(reply_of())
    await lead.afinish(reply_of())
    lead.abandon()
    assert len(cache) == 0


def test_replies_that_cannot_be_copied_are_counted_and_not_kept() -> None:
    tally = Tally()
    cache = ExactMatchCache(metrics=tally)
    cache.remember(request_of(), reply_of(parsed={"a": object()}))
    assert cache.lookup(request_of()) is None
    assert cache.errors == 1
    assert tally.told["racto.cache.errors", "InvalidResponseError"] == 1
    # Who waits for such a reply asks himself.
    lead = cache.join(request_of())
    assert not isinstance(lead, LLMResponse)
    lead.finish(reply_of(parsed={"a": object()}))
    assert not isinstance(cache.join(request_of()), LLMResponse)


def test_metrics_are_told() -> None:
    tally = Tally()
    cache = ExactMatchCache(1, metrics=tally)
    cache.get(*FIVE)
    cache.put(*FIVE, reply_of())
    cache.get(*FIVE)
    cache.put("other", *FIVE[1:], reply_of())
    assert tally.told == {
        ("racto.cache.misses", "exact"): 1,
        ("racto.cache.hits", "exact"): 1,
        ("racto.cache.evictions", "exact"): 1,
    }


# --- One call for many -------------------------------------------------------


def test_b13_eight_threads_make_one_call() -> None:
    cache, calls = ExactMatchCache(), []
    gate = threading.Barrier(8)

    def compute() -> LLMResponse:
        calls.append(1)
        time.sleep(0.02)
        return reply_of()

    def ask(_: int) -> LLMResponse:
        gate.wait(10)
        return cache.get_or_compute(request_of(), compute)

    with ThreadPoolExecutor(max_workers=8) as pool:
        replies = list(pool.map(ask, range(8)))
    assert len(calls) == 1
    assert sorted(each.cached for each in replies) == [False] + [True] * 7
    assert len({id(each) for each in replies}) == 8
    assert cache.stats.model_dump() == {"hits": 7, "misses": 1, "size": 1}


async def test_b13_threads_and_tasks_make_one_call() -> None:
    cache, calls = ExactMatchCache(), []

    async def acompute() -> LLMResponse:
        calls.append(1)
        await asyncio.sleep(0.02)
        return reply_of()

    def compute() -> LLMResponse:
        calls.append(1)
        time.sleep(0.02)
        return reply_of()

    tasks = [cache.aget_or_compute(request_of(), acompute) for _ in range(4)]
    threads = [asyncio.to_thread(cache.get_or_compute, request_of(), compute) for _ in range(4)]
    replies = await asyncio.gather(*tasks, *threads)
    assert len(calls) == 1
    assert {each.content for each in replies} == {"Paris."}


async def test_a_cut_reply_serves_those_who_wait_and_nobody_else() -> None:
    cache, calls = ExactMatchCache(), []

    async def compute() -> LLMResponse:
        calls.append(1)
        await asyncio.sleep(0.01)
        return reply_of(finish_reason=FinishReason.LENGTH)

    await asyncio.gather(*(cache.aget_or_compute(request_of(), compute) for _ in range(4)))
    assert len(calls) == 1
    await cache.aget_or_compute(request_of(), compute)
    assert len(calls) == 2


async def test_a_cancelled_leader_cancels_nobody_else() -> None:
    cache, calls = ExactMatchCache(), []

    async def compute() -> LLMResponse:
        calls.append(1)
        await asyncio.sleep(30 if len(calls) == 1 else 0.01)
        return reply_of()

    leader = asyncio.create_task(cache.aget_or_compute(request_of(), compute))
    await asyncio.to_thread(until, lambda: bool(calls))
    others = [asyncio.create_task(cache.aget_or_compute(request_of(), compute)) for _ in range(3)]
    await asyncio.sleep(0.01)
    leader.cancel()
    replies = await asyncio.gather(*others)
    assert leader.cancelled()
    assert [each.content for each in replies] == ["Paris."] * 3
    assert len(calls) == 2


async def _met(error: Exception) -> tuple[int, list[BaseException | LLMResponse]]:
    cache, calls = ExactMatchCache(), []

    async def compute() -> LLMResponse:
        calls.append(1)
        await asyncio.sleep(0.01)
        if len(calls) == 1:
            raise error
        return reply_of()

    asked = (cache.aget_or_compute(request_of(), compute) for _ in range(4))
    met = await asyncio.gather(*asked, return_exceptions=True)
    return len(calls), met


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (BadRequestError("malformed", usage=Usage(input_tokens=3)), 1),
        (BadRequestError("passing", retryable=True), 2),
        (RactoGatewayAuthError("his key"), 2),
        (OverloadedError("busy"), 2),
        (ValueError("a bug"), 2),
    ],
)
async def test_whose_error_it_is(error: Exception, calls: int) -> None:
    made, (first, *others) = await _met(error)
    assert first is error
    assert made == calls
    if calls == 2:
        assert all(isinstance(each, LLMResponse) for each in others)
        return
    for each in others:
        assert isinstance(each, BadRequestError)
        assert each is not error
        assert (each.message, each.usage) == ("malformed", None)
    assert isinstance(error, RactoGatewayError)
    assert error.usage is not None


def test_waiting_has_an_end() -> None:
    cache = ExactMatchCache()
    lead = cache.join(request_of())
    assert not isinstance(lead, LLMResponse)
    with ThreadPoolExecutor(max_workers=1) as pool:
        reply = pool.submit(
            cache.get_or_compute, request_of(), lambda: reply_of("own"), timeout=0.01
        ).result(10)
    assert reply.content == "own"
    lead.finish(reply_of("late"))
    # What landed last is what is kept.
    assert cache.get_or_compute(request_of(), reply_of).content == "late"


def test_a_call_inside_of_itself_does_not_wait_for_itself() -> None:
    cache = ExactMatchCache()

    def outer() -> LLMResponse:
        return cache.get_or_compute(request_of(), lambda: reply_of("inner"))

    assert cache.get_or_compute(request_of(), outer).content == "inner"


# --- Stale replies, and refusals ----------------------------------------------


def test_a_stale_reply_is_served_while_one_fetches_a_new_one() -> None:
    clock, calls = Clock(), []
    cache = ExactMatchCache(ttl_seconds=10, stale_seconds=5, clock=clock)
    go_on = threading.Event()

    def compute() -> LLMResponse:
        calls.append(threading.current_thread().name)
        assert go_on.wait(10)
        return reply_of("new")

    cache.remember(request_of(), reply_of("old"))
    clock.now += 12
    assert cache.lookup(request_of()) is None
    answers = [cache.get_or_compute(request_of(), compute).content for _ in range(5)]
    assert answers == ["old"] * 5
    go_on.set()
    until(lambda: cache.lookup(request_of()) is not None)
    assert calls == ["racto-cache-refresh"]
    assert cache.get_or_compute(request_of(), compute).content == "new"
    clock.now += 16
    assert cache.get_or_compute(request_of(), lambda: reply_of("third")).content == "third"


async def test_a_stale_reply_is_renewed_in_a_task() -> None:
    clock, calls = Clock(), []
    cache = ExactMatchCache(ttl_seconds=10, stale_seconds=5, clock=clock)

    async def compute() -> LLMResponse:
        calls.append(1)
        await asyncio.sleep(0.01)
        return reply_of("new")

    cache.remember(request_of(), reply_of("old"))
    clock.now += 12
    answers = [(await cache.aget_or_compute(request_of(), compute)).content for _ in range(5)]
    assert answers == ["old"] * 5
    await asyncio.to_thread(until, lambda: cache.lookup(request_of()) is not None)
    assert len(calls) == 1


async def test_a_refresh_that_fails_is_told_and_the_stale_reply_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, tally = Clock(), Tally()
    cache = ExactMatchCache(ttl_seconds=10, stale_seconds=5, clock=clock, metrics=tally)

    def fail() -> LLMResponse:
        raise OverloadedError("key sk-abcdefghijklmnopqrstuvwx is busy")

    async def afail() -> LLMResponse:
        return fail()

    cache.remember(request_of(), reply_of("old"))
    clock.now += 12
    with caplog.at_level(logging.WARNING, "racto.cache"):
        assert cache.get_or_compute(request_of(), fail).content == "old"
        until(lambda: cache.errors == 1 and bool(caplog.records))
        until(lambda: len(cache._coalescer._flights) == 0)
        assert (await cache.aget_or_compute(request_of(), afail)).content == "old"
        await asyncio.to_thread(until, lambda: cache.errors == 2)
    assert tally.told["racto.cache.errors", "OverloadedError"] == 2
    assert "its refresh failed: OverloadedError" in caplog.text
    assert "sk-abc" not in caplog.text
    clock.now += 5
    with pytest.raises(OverloadedError):
        cache.get_or_compute(request_of(), fail)


def test_a_loop_that_ends_does_not_keep_a_refresh_for_ever() -> None:
    clock = Clock()
    cache = ExactMatchCache(ttl_seconds=10, stale_seconds=5, clock=clock)

    async def compute() -> LLMResponse:
        await asyncio.sleep(30)
        return reply_of()

    cache.remember(request_of(), reply_of("old"))
    clock.now += 12
    assert asyncio.run(cache.aget_or_compute(request_of(), compute)).content == "old"
    assert len(cache._coalescer._flights) == 0


def test_refusals_are_remembered_only_when_asked() -> None:
    for seconds, calls in ((None, 3), (60.0, 1)):
        made: list[int] = []
        clock = Clock()
        cache = ExactMatchCache(negative_ttl_seconds=seconds, clock=clock)

        def refuse(made: list[int] = made) -> LLMResponse:
            made.append(1)
            raise BadRequestError("malformed")

        for _ in range(3):
            with pytest.raises(BadRequestError, match="malformed"):
                cache.get_or_compute(request_of(), refuse)
        assert len(made) == calls
        clock.now += 61
        assert cache.get_or_compute(request_of(), reply_of).content == "Paris."


def test_a_refusal_goes_with_its_entry() -> None:
    cache = ExactMatchCache(negative_ttl_seconds=60)
    lead = cache.join(request_of())
    assert not isinstance(lead, LLMResponse)
    lead.abandon(BadRequestError("malformed"))
    with pytest.raises(BadRequestError):
        cache.join(request_of())
    cache.forget(request_of())
    again = cache.join(request_of())
    assert not isinstance(again, LLMResponse)
    # What passes is not remembered.
    again.abandon(OverloadedError("busy"))
    assert cache.get_or_compute(request_of(), reply_of).content == "Paris."
