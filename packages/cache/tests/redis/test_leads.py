"""One call for all processes: leads are waited for in time, kept alive, and never left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from racto.cache.redis import RedisExactCache, RedisOptions
from racto.core import ChatConfig, LLMResponse
from racto.core.flows import Flow
from racto.core.protocols.caches import Lead
from racto.core.requests import ChatRequest

PATIENT = RedisOptions(timeout=20, connect_timeout=20)
REQUEST = ChatRequest(
    provider="p", model="m", system="", config=ChatConfig(user_message="How deep is the sea?")
)


def reached(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def cache_of(url: str, prefix: str, **more: Any) -> RedisExactCache:
    return RedisExactCache(url=url, key_prefix=prefix, options=PATIENT, **more)


def led(cache: RedisExactCache, **more: Any) -> Lead:
    got = cache.join(REQUEST, **more)
    assert not isinstance(got, LLMResponse)
    return got


def leads_of(cache: RedisExactCache) -> int:
    return cache._link.call(lambda client: len(client.keys(f"{cache._shelf._prefix}:lead:*")))


def test_a_long_call_keeps_its_lead(redis_url: str, prefix: str) -> None:
    with cache_of(redis_url, prefix, lead_seconds=0.3) as one:
        lead = led(one)
        life = one._link.call(lambda client: client.pttl(one._leads.shelf.lead_key(_digest())))
        assert 0 < life <= 300
        # Three lives of a lead; a renewed one is there all the time.
        time.sleep(0.9)
        assert leads_of(one) == 1
        lead.finish(LLMResponse(content="deep"))
        assert leads_of(one) == len(one._leads.renewals) == 0


def test_a_forgotten_lead_is_renewed_no_longer_than_anybody_waits(
    redis_url: str, prefix: str
) -> None:
    with cache_of(redis_url, prefix, lead_seconds=0.09, wait_seconds=0.2) as cache:
        led(cache)
        assert reached(lambda: leads_of(cache) == 0)
        assert len(cache._leads.renewals) == 0


def test_a_lead_that_was_taken_is_left_alone(redis_url: str, prefix: str) -> None:
    with cache_of(redis_url, prefix, lead_seconds=0.15) as cache:
        led(cache)
        key = cache._leads.shelf.lead_key(_digest())
        cache._link.call(lambda client: client.set(key, "another", px=60_000))
        assert reached(lambda: len(cache._leads.renewals) == 0)
        assert cache._link.call(lambda client: client.pttl(key)) > 1_000


def pauses_of(flow: Flow[Any]) -> list[float]:
    """Run a flow that comes to nothing; how long it slept each time."""
    pauses: list[float] = []

    def paused(seconds: float) -> None:
        pauses.append(seconds)
        time.sleep(seconds)

    answer = None
    try:
        while True:
            call = flow.send(answer)
            work = paused if call.sync is time.sleep else call.sync
            answer = work(*call.args, **call.kwargs)
    except StopIteration as end:
        given = end.value
    assert given is None
    return pauses


@pytest.mark.parametrize("limit", [0.05, 0.4])
def test_waiting_for_another_process_ends_in_time(
    redis_url: str, prefix: str, limit: float
) -> None:
    with cache_of(redis_url, prefix) as one, cache_of(redis_url, prefix) as other:
        lead = led(one)
        pauses = pauses_of(other._leads._raced(_digest(), "t", time.monotonic() + limit))
        # Never planned beyond the end, however late the machine wakes up.
        assert 0 < sum(pauses) <= limit
        lead.abandon()


async def test_a_cancelled_join_leaves_no_lead(redis_url: str, prefix: str) -> None:
    async with cache_of(redis_url, prefix) as cache:
        await cache.alookup(REQUEST)
        was_cancelled = 0
        for turns in range(1, 30):
            task = asyncio.create_task(cache.ajoin(REQUEST))
            for _ in range(turns):
                await asyncio.sleep(0)
            if task.done():
                break
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            was_cancelled += 1
            assert await asyncio.to_thread(reached, lambda: leads_of(cache) == 0)
        assert was_cancelled > 1


async def test_a_cancelled_finish_still_serves_those_who_wait(redis_url: str, prefix: str) -> None:
    async with cache_of(redis_url, prefix) as cache:
        lead = await cache.ajoin(REQUEST)
        assert not isinstance(lead, LLMResponse)
        waiting = asyncio.create_task(cache.ajoin(REQUEST))
        flight = cache._leads.flights._flights[_digest()]
        assert await asyncio.to_thread(reached, lambda: bool(flight.seats))
        finishing = asyncio.create_task(lead.afinish(LLMResponse(content="deep")))
        await asyncio.sleep(0)
        finishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finishing
        found = await waiting
        assert isinstance(found, LLMResponse)
        assert found.content == "deep"
        assert await asyncio.to_thread(reached, lambda: leads_of(cache) == 0)


def test_letting_go_of_a_dead_redis_raises_nowhere(make_redis: Callable[..., Any]) -> None:
    server = make_redis()
    with RedisExactCache(url=server.url, fail_open=False, key_prefix="x") as cache:
        lead = led(cache)
        server.kill()
        lead.abandon()
        assert reached(lambda: cache.errors > 0)


@pytest.mark.parametrize("name", ["wait_seconds", "lead_seconds"])
@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_times_that_are_none_are_named(name: str, seconds: float) -> None:
    with pytest.raises(Exception, match=f"{name} must be"):
        RedisExactCache(**cast("dict[str, Any]", {name: seconds}))


def test_a_wrong_life_is_refused_before_the_call(redis_url: str, prefix: str) -> None:
    calls: list[int] = []

    def compute() -> LLMResponse:
        calls.append(1)
        return LLMResponse(content="x")

    with cache_of(redis_url, prefix) as cache, pytest.raises(Exception, match="ttl_seconds"):
        cache.get_or_compute(REQUEST, compute, ttl_seconds=-1)
    assert not calls


def _digest() -> str:
    from racto.cache.keys import request_key

    return request_key(REQUEST)
