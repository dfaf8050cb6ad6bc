"""The exact cache on Redis goes on through every fault, and serves nothing that is not its own."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.cache.redis import RedisExactCache, RedisOptions
from racto.cache.replies import packed
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    OverloadedError,
    RactoGatewayAuthError,
    ServerError,
)
from racto.core.responses import LLMResponse
from racto.core.telemetry import RecordingMetrics
from racto.core.testing import Voice
from racto.core.testing.contracts.requests import reply_of, request_of, tool_reply

from .redis_proxy import RedisProxy
from .redis_server import RedisServer

# Long enough for a busy machine, short enough for a test.
QUICK = RedisOptions(timeout=0.3, connect_timeout=0.3, cool_down=0.05)

FIVE = ("What?", "Be brief.", "m", 0.5, 100)


@pytest.fixture(params=["sync", "async"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """Both ways of calling."""
    made = Voice(request.param)
    yield made
    made.close()


def _again(attempt: Callable[[], Any]) -> Any:
    """What an attempt gives when Redis is back, at the latest after some seconds."""
    end = time.monotonic() + 10
    while (found := attempt()) is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


# The reference's calls.


def test_the_references_calls_by_five_parts(redis_url: str, prefix: str, voice: Voice) -> None:
    with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
        assert voice(cache, "get", *FIVE) is None
        voice(cache, "put", *FIVE, reply_of("short"))
        found = voice(cache, "get", *FIVE)
        assert (found.content, found.cached) == ("short", True)
        # An int and a float that are the same number are the same temperature.
        assert voice(cache, "get", "What?", "Be brief.", "m", 0.5, 101) is None
        assert voice(cache, "invalidate", *FIVE) is True
        assert voice(cache, "invalidate", *FIVE) is False
        assert (len(cache), bool(cache)) == (0, True)


def test_both_voices_share_the_entries(redis_url: str, prefix: str) -> None:
    with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
        cache.put(*FIVE, reply_of("short"))
        cache.remember(request_of(), reply_of("whole"))

        async def main() -> None:
            found = await cache.aget(*FIVE)
            assert found is not None
            assert found.content == "short"
            other = await cache.alookup(request_of())
            assert other is not None
            assert other.content == "whole"
            await cache.aput(*FIVE, reply_of("newer"))
            await cache.aclose()

        asyncio.run(main())
        found = cache.get(*FIVE)
        assert found is not None
        assert found.content == "newer"


def test_another_process_finds_it(redis_url: str, prefix: str) -> None:
    import subprocess
    import sys

    with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
        cache.put(*FIVE, reply_of("shared"))
    program = (
        "import sys\n"
        "from racto.cache.redis import RedisExactCache\n"
        "cache = RedisExactCache(url=sys.argv[1], key_prefix=sys.argv[2])\n"
        f"print(cache.get(*{FIVE!r}).content)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, redis_url, prefix],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("shared", 0), done.stderr


def test_clear_resets_the_counters(redis_url: str, prefix: str, voice: Voice) -> None:
    with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
        voice(cache, "get", *FIVE)
        voice(cache, "put", *FIVE, reply_of())
        voice(cache, "clear")
        stats = voice.property(cache, "stats")
        assert (stats.hits, stats.misses, stats.size) == (0, 0, 0)


# Keys, tenants, times, sizes.


def test_a_tenant_neither_sees_nor_clears_another(redis_url: str, voice: Voice) -> None:
    names = ["t", "t:1", "t*", "t?", "[t]", "{t}", "t\\", "té", "t:reply"]
    caches = [RedisExactCache(url=redis_url, key_prefix=name) for name in names]
    for name, cache in zip(names, caches, strict=True):
        voice(cache, "put", *FIVE, reply_of(name))
    for cache in caches:
        assert voice(cache, "get", *FIVE).content == names[caches.index(cache)]
        assert voice.property(cache, "stats").size == 1
    for gone, cache in enumerate(caches, 1):
        voice(cache, "clear")
        left = [each for each in caches if voice(each, "get", *FIVE) is not None]
        assert left == caches[gone:]
    for cache in caches:
        voice(cache, "close")


def test_many_entries_are_counted_and_cleared_in_steps(
    redis_server: RedisServer, voice: Voice
) -> None:
    with (
        RedisExactCache(url=redis_server.url, key_prefix="many") as cache,
        redis_server.admin() as admin,
    ):
        admin.mset({f"many:reply:{{{n}}}": b"x" for n in range(1750)})
        admin.mset({f"other:{n}": b"x" for n in range(300)})
        assert voice.property(cache, "stats").size == 1750
        voice(cache, "clear")
        assert admin.dbsize() == 300
        commands = admin.info("commandstats")
        assert "cmdstat_keys" not in commands
        assert commands["cmdstat_unlink"]["calls"] >= 3
        voice(cache, "close")


@pytest.mark.parametrize("seconds", [0.5, 0.0004, 90.25, 1e300])
def test_fractions_of_seconds_to_live(
    shared_redis: RedisServer, prefix: str, voice: Voice, seconds: float
) -> None:
    """Defect B14: half a second was "invalid expire time"."""
    with (
        RedisExactCache(url=shared_redis.url, key_prefix=prefix, ttl_seconds=seconds) as cache,
        shared_redis.admin() as admin,
    ):
        voice(cache, "put", *FIVE, reply_of())
        keys = list(admin.scan_iter(match=f"{prefix}:*", count=1000))
        if seconds > 0.1:
            assert 0 < admin.pttl(keys[0]) <= min(seconds * 1000, 2**48)
        else:
            # The least that there is, and not for ever.
            _again(lambda: None if voice(cache, "get", *FIVE) else True)
        voice(cache, "close")


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
def test_no_time_to_live_is_refused(redis_url: str, seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="ttl_seconds"):
        RedisExactCache(url=redis_url, ttl_seconds=seconds)
    with (
        RedisExactCache(url=redis_url) as cache,
        pytest.raises(ConfigurationError, match="ttl_seconds"),
    ):
        cache.remember(request_of(), reply_of(), ttl_seconds=seconds)


def test_an_empty_prefix_is_refused(redis_url: str) -> None:
    with pytest.raises(ConfigurationError, match="key_prefix"):
        RedisExactCache(url=redis_url, key_prefix="")


def test_ten_megabytes_and_compression(
    shared_redis: RedisServer, prefix: str, voice: Voice
) -> None:
    with (
        RedisExactCache(url=shared_redis.url, key_prefix=prefix) as cache,
        shared_redis.admin() as admin,
    ):
        # Text that compresses, and text that hardly does.
        flat, rough = "é" * 5_000_000, "".join(chr(0x4E00 + n * n % 20_000) for n in range(400_000))
        for text in (flat, rough):
            voice(cache, "put", *FIVE, reply_of(text))
            assert voice(cache, "get", *FIVE).content == text
        voice(cache, "put", *FIVE, reply_of(flat))
        key = next(admin.scan_iter(match=f"{prefix}:*", count=1000))
        assert admin.strlen(key) < 100_000
        assert cache.errors == 0
        voice(cache, "close")


@settings(max_examples=40, deadline=None)
@given(question=st.text(), system=st.text(), answer=st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back(redis_url: str, question: str, system: str, answer: str) -> None:
    with RedisExactCache(url=redis_url, key_prefix="racto:any") as cache:
        cache.put(question, system, "m", 0.0, 1, reply_of(answer))
        found = cache.get(question, system, "m", 0.0, 1)
        assert found is not None
        assert found.content == answer


def test_what_is_not_fit_is_not_kept(redis_url: str, prefix: str, voice: Voice) -> None:
    with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
        voice(cache, "remember", request_of(), tool_reply())
        voice(cache, "remember", request_of(seed=1), reply_of(refusal="No."))
        # JSON cannot give back a set.
        voice(cache, "remember", request_of(seed=2), LLMResponse.model_construct(parsed={"a": {1}}))
        assert voice.property(cache, "stats").size == 0
        assert cache.errors == 1


def test_what_cannot_be_serialised_is_left_out(redis_url: str, prefix: str, voice: Voice) -> None:
    """Defect B14: a reply whose ``raw`` was an object raised PydanticSerializationError."""
    with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
        voice(cache, "put", *FIVE, reply_of(raw=object()))
        assert voice(cache, "get", *FIVE).raw is None


# Values that are not ours.


def _foreign() -> dict[str, bytes]:
    whole = packed(reply_of("x" * 100))
    return {
        "empty": b"",
        "text": b"hello",
        "json": b'{"content": "forged"}',
        "pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07builtins.",
        "cut": whole[:-5],
        "longer": whole + b"x",
        "changed": whole[:-20] + b"y" + whole[-19:],
        "later version": whole[:4] + b"\xff" + whole[5:],
        "zeros": bytes(4096),
    }


@pytest.mark.parametrize("kind", _foreign())
def test_corrupt_and_foreign_values_are_misses(
    shared_redis: RedisServer, prefix: str, voice: Voice, kind: str
) -> None:
    metrics = RecordingMetrics()
    with (
        RedisExactCache(url=shared_redis.url, key_prefix=prefix, metrics=metrics) as cache,
        shared_redis.admin() as admin,
    ):
        voice(cache, "put", *FIVE, reply_of())
        key = next(admin.scan_iter(match=f"{prefix}:*", count=1000))
        admin.set(key, _foreign()[kind])
        assert voice(cache, "get", *FIVE) is None
        assert cache.errors == 1
        # The next reply goes over it.
        voice(cache, "put", *FIVE, reply_of("mended"))
        assert voice(cache, "get", *FIVE).content == "mended"
        voice(cache, "close")


def test_values_of_another_type_are_misses(
    shared_redis: RedisServer, prefix: str, voice: Voice
) -> None:
    with (
        RedisExactCache(url=shared_redis.url, key_prefix=prefix, fail_open=False) as cache,
        shared_redis.admin() as admin,
    ):
        voice(cache, "put", *FIVE, reply_of())
        key = next(admin.scan_iter(match=f"{prefix}:*", count=1000))
        admin.delete(key)
        admin.rpush(key, "a", "list")
        assert voice(cache, "get", *FIVE) is None
        assert cache.errors == 1
        voice(cache, "put", *FIVE, reply_of("mended"))
        assert voice(cache, "get", *FIVE).content == "mended"
        voice(cache, "close")


# Faults.


def test_a_redis_that_is_down_is_a_miss(
    redis_server: RedisServer, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    """Defect B14: a Redis that was down made chat() raise."""
    metrics = RecordingMetrics()
    with RedisExactCache(url=redis_server.url, options=QUICK, metrics=metrics) as cache:
        voice(cache, "put", *FIVE, reply_of())
        redis_server.kill()
        with caplog.at_level(logging.WARNING, logger="racto.cache"):
            for _ in range(5):
                assert voice(cache, "get", *FIVE) is None
                voice(cache, "put", *FIVE, reply_of())
        assert len(caplog.records) == 1
        assert "is the server running" in caplog.text
        stats = voice.property(cache, "stats")
        assert (stats.hits, stats.misses, stats.size) == (0, 5, 0)
        assert cache.errors == 11
        assert metrics.total("racto.cache.errors", racto__cache="redis_exact") == 11
        assert metrics.total("racto.cache.misses") == 5
        # Restarted: the same object works again.
        redis_server.start()
        _again(lambda: voice(cache, "put", *FIVE, reply_of("new")) or voice(cache, "get", *FIVE))
        voice(cache, "close")


def test_dropping_is_never_silently_left_undone(redis_server: RedisServer, voice: Voice) -> None:
    with RedisExactCache(url=redis_server.url, options=QUICK) as cache:
        voice(cache, "remember", request_of(), reply_of())
        redis_server.kill()
        for method, args in (("forget", (request_of(),)), ("invalidate", FIVE), ("clear", ())):
            with pytest.raises(APIConnectionError, match="is the server running"):
                voice(cache, method, *args)
        voice(cache, "close")


def test_a_slow_redis_is_a_miss(redis_server: RedisServer, voice: Voice) -> None:
    with RedisExactCache(url=redis_server.url, options=QUICK) as cache:
        voice(cache, "put", *FIVE, reply_of())
        redis_server.stall()
        assert voice(cache, "get", *FIVE) is None
        redis_server.resume()
        assert _again(lambda: voice(cache, "get", *FIVE)).content == "Paris."
        voice(cache, "close")


def test_a_full_redis_still_answers(redis_server: RedisServer, voice: Voice) -> None:
    with RedisExactCache(url=redis_server.url, options=QUICK) as cache:
        voice(cache, "put", *FIVE, reply_of("old"))
        redis_server.fill()
        voice(cache, "put", *FIVE, reply_of("new"))
        assert cache.errors == 1
        # Reading needs no memory, and goes on without a pause.
        assert voice(cache, "get", *FIVE).content == "old"
        redis_server.empty()
        voice(cache, "put", *FIVE, reply_of("new"))
        assert voice(cache, "get", *FIVE).content == "new"
        voice(cache, "close")


def test_a_replica_still_answers(redis_server: RedisServer, voice: Voice) -> None:
    with RedisExactCache(url=redis_server.url, options=QUICK) as cache:
        voice(cache, "put", *FIVE, reply_of("old"))
        redis_server.make_replica()
        voice(cache, "put", *FIVE, reply_of("new"))
        assert cache.errors == 1
        assert voice(cache, "get", *FIVE).content == "old"
        with pytest.raises(ServerError, match="this is a replica"):
            voice(cache, "invalidate", *FIVE)
        voice(cache, "close")


@pytest.mark.parametrize("after", [0, 3, 60])
def test_a_reply_cut_in_the_middle_is_a_miss(
    shared_redis: RedisServer, prefix: str, voice: Voice, after: int
) -> None:
    with (
        RedisProxy(shared_redis.port) as proxy,
        RedisExactCache(url=proxy.url, key_prefix=prefix, options=QUICK) as cache,
    ):
        voice(cache, "put", *FIVE, reply_of())
        proxy.cut_replies(after)
        assert voice(cache, "get", *FIVE) is None
        assert cache.errors == 1
        proxy.cut_replies(None)
        assert _again(lambda: voice(cache, "get", *FIVE)).content == "Paris."
        voice(cache, "close")


def test_a_wrong_password_raises_and_is_not_told(redis_server: RedisServer, voice: Voice) -> None:
    redis_server.lock("the-right-one")
    url = redis_server.url.replace("//", "//:the-wr0ng-one@")
    with RedisExactCache(url=url, options=QUICK) as cache:
        with pytest.raises(RactoGatewayAuthError, match="check user and password") as caught:
            voice(cache, "get", *FIVE)
        assert "wr0ng" not in f"{caught.value} {caught.value!r} {cache!r}"
        voice(cache, "close")


def test_failures_are_raised_if_asked(redis_server: RedisServer, voice: Voice) -> None:
    with RedisExactCache(url=redis_server.url, options=QUICK, fail_open=False) as cache:
        redis_server.fill()
        with pytest.raises(OverloadedError):
            voice(cache, "put", *FIVE, reply_of())
        redis_server.kill()
        with pytest.raises(APIConnectionError):
            voice(cache, "get", *FIVE)
        voice(cache, "close")


def test_one_pool_for_an_object(redis_server: RedisServer, voice: Voice) -> None:
    """Defect B14: 1001 calls made 1001 connections."""
    with RedisExactCache(url=redis_server.url) as cache:
        before = redis_server.connections()
        for _ in range(500):
            voice(cache, "get", *FIVE)
            voice(cache, "put", *FIVE, reply_of())
        # One of them asked for the number before.
        assert redis_server.connections() - before == 2
        voice(cache, "close")


def test_two_hundred_tasks_at_once(redis_server: RedisServer) -> None:
    """redis-py's own pool raises for the 101st."""

    async def main() -> None:
        async with RedisExactCache(url=redis_server.url) as cache:
            await asyncio.gather(*(cache.aput(*FIVE[:4], n, reply_of(str(n))) for n in range(200)))
            found = await asyncio.gather(*(cache.aget(*FIVE[:4], n) for n in range(200)))
            assert [each and each.content for each in found] == [str(n) for n in range(200)]
            assert (await cache.astats()).hits == 200
            assert cache.errors == 0

    asyncio.run(main())


# One call for many.


def test_eight_at_once_make_one_call(redis_url: str, prefix: str) -> None:
    """Defect B13: eight identical questions at once made eight calls; here over four objects."""
    caches = [RedisExactCache(url=redis_url, key_prefix=prefix) for _ in range(4)]
    calls = []

    def compute() -> LLMResponse:
        calls.append(threading.get_ident())
        time.sleep(0.1)
        return reply_of("once")

    found: list[LLMResponse] = []
    threads = [
        threading.Thread(
            target=lambda cache: found.append(cache.get_or_compute(request_of(), compute)),
            args=(caches[n % 4],),
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(calls) == 1
    assert [each.content for each in found] == ["once"] * 8
    assert sum(each.cached for each in found) == 7
    for cache in caches:
        cache.close()


def test_eight_tasks_at_once_make_one_call(redis_url: str, prefix: str) -> None:
    calls = []

    async def compute() -> LLMResponse:
        calls.append(1)
        await asyncio.sleep(0.1)
        return reply_of("once")

    async def main() -> None:
        caches = [RedisExactCache(url=redis_url, key_prefix=prefix) for _ in range(4)]
        found = await asyncio.gather(
            *(caches[n % 4].aget_or_compute(request_of(), compute) for n in range(8))
        )
        assert [each.content for each in found] == ["once"] * 8
        for cache in caches:
            await cache.aclose()

    asyncio.run(main())
    assert len(calls) == 1


def test_a_failed_leader_lets_another_process_lead(
    redis_url: str, prefix: str, voice: Voice
) -> None:
    first = RedisExactCache(url=redis_url, key_prefix=prefix)
    second = RedisExactCache(url=redis_url, key_prefix=prefix)
    lead = voice(first, "join", request_of())
    assert not isinstance(lead, LLMResponse)
    got = []
    waiter = threading.Thread(target=lambda: got.append(second.join(request_of())))
    waiter.start()
    lead.abandon(RuntimeError("mine"))
    # What comes after the first end changes nothing.
    voice(lead, "finish", reply_of("late"))
    waiter.join(10)
    assert not isinstance(got[0], LLMResponse)
    got[0].finish(reply_of("next"))
    found = voice(first, "join", request_of())
    assert found.content == "next"
    for cache in (first, second):
        voice(cache, "close")
        cache.close()


def test_a_dead_leader_holds_others_up_for_its_time_alone(
    redis_url: str, prefix: str, voice: Voice
) -> None:
    dead = RedisExactCache(url=redis_url, key_prefix=prefix, lead_seconds=0.2)
    assert not isinstance(voice(dead, "join", request_of()), LLMResponse)
    # What a process that dies takes with it.
    dead._leads.renewals.clear()
    alive = RedisExactCache(url=redis_url, key_prefix=prefix)
    assert not isinstance(voice(alive, "join", request_of()), LLMResponse)
    for cache in (dead, alive):
        voice(cache, "close")
        cache.close()


def test_nobody_waits_longer_than_he_wants(redis_url: str, prefix: str, voice: Voice) -> None:
    first = RedisExactCache(url=redis_url, key_prefix=prefix)
    second = RedisExactCache(url=redis_url, key_prefix=prefix)
    lead = voice(first, "join", request_of())
    other = voice(second, "join", request_of(), timeout=0.05)
    assert not isinstance(other, LLMResponse)
    # Who does not hold the lead cannot take it from its holder.
    voice(other, "finish", reply_of("second"), keep=False)
    third = RedisExactCache(url=redis_url, key_prefix=prefix)
    assert not isinstance(voice(third, "join", request_of(), timeout=0.05), LLMResponse)
    voice(lead, "finish", reply_of("first"))
    assert voice(third, "join", request_of()).content == "first"
    for cache in (first, second, third):
        voice(cache, "close")
        cache.close()


def test_without_redis_each_leads_at_once(redis_server: RedisServer, voice: Voice) -> None:
    with RedisExactCache(url=redis_server.url, options=QUICK) as cache:
        voice(cache, "get", *FIVE)
        redis_server.kill()
        lead = voice(cache, "join", request_of())
        assert not isinstance(lead, LLMResponse)
        voice(lead, "finish", reply_of())
        voice(cache, "close")


def test_a_cancelled_leader_lets_go(redis_url: str, prefix: str) -> None:
    async def main() -> None:
        async with RedisExactCache(url=redis_url, key_prefix=prefix) as cache:
            begun = asyncio.Event()

            async def never() -> LLMResponse:
                begun.set()
                await asyncio.Event().wait()
                raise AssertionError

            async def soon() -> LLMResponse:
                return reply_of("mine")

            leader = asyncio.create_task(cache.aget_or_compute(request_of(), never))
            await begun.wait()
            waiter = asyncio.create_task(cache.aget_or_compute(request_of(), soon))
            await asyncio.sleep(0.02)
            leader.cancel()
            assert (await waiter).content == "mine"
            with pytest.raises(asyncio.CancelledError):
                await leader

    asyncio.run(main())
