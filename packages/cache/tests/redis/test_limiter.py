"""The limiter on Redis: shared by processes, one round trip, and faults of a real server."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from racto.cache import RateLimit, RateLimitConfig, RedisRateLimiter
from racto.cache.redis import RedisOptions
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitExceededError,
)
from racto.core.telemetry import RecordingMetrics

if TYPE_CHECKING:
    from .redis_server import RedisServer

PATIENT = RedisOptions(timeout=10.0, connect_timeout=10.0, cool_down=0.05)

_PROCESSES = """
import os, sys
import redis.asyncio.cluster, redis.sentinel  # once, not in each of the sixteen
from racto.cache import RateLimit, RateLimitConfig, RedisRateLimiter

url, prefix = sys.argv[1:]
limits = (RateLimit(name="all", amount=300, seconds=3600, scope="global"),)
children = []
for _ in range(16):
    reading, writing = os.pipe()
    if not os.fork():
        limiter = RedisRateLimiter(url=url, config=RateLimitConfig(limits=limits, key_prefix=prefix))
        granted = sum(limiter.check_and_consume(f"user {os.getpid()}") for _ in range(40))
        os.write(writing, str(granted).encode())
        os._exit(0)
    os.close(writing)
    children.append(reading)
print(sum(int(os.read(each, 20)) for each in children))
"""


def limiter_of(url: str, prefix: str, amount: int = 100, **options: object) -> RedisRateLimiter:
    config = RateLimitConfig(max_tokens_per_minute=amount, key_prefix=prefix)
    told = {"options": PATIENT, **options}
    return RedisRateLimiter(url=url, config=config, **told)  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_limit_shared_by_sixteen_processes_holds_exactly(redis_url: str, prefix: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROCESSES, redis_url, prefix],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert int(done.stdout) == 300


def test_no_request_is_let_in_or_kept_out_by_another(redis_url: str, prefix: str) -> None:
    # The reference's heavy requests leave their amount visible until they are refused.
    limiter = limiter_of(redis_url, prefix)

    async def all_at_once() -> tuple[int, int]:
        mixed = [("ann", 150), ("ann", 1), ("ann", 60)] * 100
        answers = await asyncio.gather(*(limiter.acheck_and_consume(*each) for each in mixed))
        granted = sum(tokens for (_, tokens), fits in zip(mixed, answers, strict=True) if fits)
        left = await limiter.aget_remaining("ann")
        await limiter.aclose()
        return granted, left

    assert asyncio.run(all_at_once()) == (100, 0)


def test_negative_and_zero_amounts_refill_nothing(redis_url: str, prefix: str) -> None:
    limiter = limiter_of(redis_url, prefix)
    limiter.consume("ann", 70)
    for tokens in (0, -1, -(10**20)):
        with pytest.raises(ValueError, match="at least 1"):
            limiter.check_and_consume("ann", tokens)
    assert limiter.get_remaining("ann") == 30
    limiter.close()


def test_hostile_ids_stand_for_themselves(redis_url: str, prefix: str) -> None:
    limiter = limiter_of(redis_url, prefix)
    users = ["*", "ann", "ann:*", "a}b{c", "{}", "", "ünï\n", "\ud800", "x" * 10_000, "x" * 10_001]
    for spent, user in enumerate(users, 1):
        limiter.consume(user, spent)
    for spent, user in enumerate(users, 1):
        assert limiter.get_remaining(user) == 100 - spent
    limiter.reset("*")
    assert [limiter.get_remaining(user) for user in users[:2]] == [100, 98]
    limiter.close()


def test_huge_amounts_are_exact(redis_url: str, prefix: str) -> None:
    limiter = limiter_of(redis_url, prefix, 2**53 - 1)
    assert not limiter.check_and_consume("ann", 2**53)
    assert limiter.retry_after("ann", 10**30) == math.inf
    assert limiter.check_and_consume("ann", 2**53 - 2)
    assert limiter.get_remaining("ann") == 1
    limiter.settle(limiter.reserve("ann", 1), 10**30)
    assert limiter.get_remaining("ann") == 0
    limiter.close()


def test_keys_expire_by_themselves(shared_redis: RedisServer, prefix: str) -> None:
    limits = (RateLimit(name="short", amount=5, seconds=0.05),)
    config = RateLimitConfig(limits=limits, key_prefix=prefix)
    limiter = RedisRateLimiter(url=shared_redis.url, config=config, options=PATIENT)
    limiter.reserve("ann", 5)
    with shared_redis.admin() as admin:
        names = sorted(admin.scan_iter(match=f"{prefix}:*"))
        lives = [admin.pttl(name) for name in names]
    assert len(names) == 2
    assert 3_600_000 < lives[0] <= 3_600_050
    # The other's 52 milliseconds may be over already.
    assert lives[1] <= 52
    limiter.close()


def test_a_reservation_is_settled_by_any_process_once(redis_url: str, prefix: str) -> None:
    limits = (RateLimit(name="own", amount=100), RateLimit(name="m", amount=50, scope="model"))
    config = RateLimitConfig(limits=limits, key_prefix=prefix)
    one, two = (RedisRateLimiter(url=redis_url, config=config, options=PATIENT) for _ in range(2))
    held = one.reserve("ann", 30, model="gpt")
    two.settle(held, 10)
    one.settle(held, 0)
    assert one.get_remaining("ann", model="gpt") == 40
    assert one.get_remaining("ann", model="other") == 50
    with two.limited("ann", 40, model="gpt") as spending:
        spending.used = 1
    assert one.get_remaining("ann", model="gpt") == 39
    one.close()
    two.close()


def test_a_script_flush_is_not_noticed(redis_server: RedisServer) -> None:
    limiter = limiter_of(redis_server.url, "p", on_unreachable="raise")
    for left in (90, 80, 70):
        redis_server.tell("SCRIPT", "FLUSH")
        limiter.consume("ann", 10)
        redis_server.tell("SCRIPT", "FLUSH")
        assert limiter.get_remaining("ann") == left
    limiter.close()


def test_it_fails_open_and_tells_once(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = RecordingMetrics()
    limiter = limiter_of(redis_server.url, "p", metrics=metrics)
    limiter.consume("ann", 100)
    held = limiter.reserve("bob", 100)
    redis_server.kill()
    with caplog.at_level(logging.WARNING, logger="racto.cache"):
        assert limiter.check_and_consume("ann", 50)
        assert limiter.get_remaining("ann") == 100
        assert limiter.retry_after("ann") == 0.0
        unseen = limiter.reserve("ann", 50)
        assert unseen.allowed
        limiter.settle(unseen, 7)
        limiter.settle(held, 7)
        # What is larger than the whole limit needs no server to be refused.
        assert not limiter.check_and_consume("ann", 101)
    assert len(caplog.records) == 1
    assert metrics.total("racto.cache.errors") >= 5
    with pytest.raises(APIConnectionError):
        limiter.reset("ann")
    redis_server.start()
    wait_until(lambda: limiter.check_and_consume("ann", 60) and limiter.get_remaining("ann") < 100)
    limiter.close()


def test_it_refuses_or_raises_where_told(redis_server: RedisServer) -> None:
    refusing = limiter_of(redis_server.url, "p", on_unreachable="refuse")
    raising = limiter_of(redis_server.url, "p", on_unreachable="raise")
    redis_server.kill()
    assert not refusing.check_and_consume("ann")
    assert refusing.get_remaining("ann") == 0
    assert refusing.retry_after("ann") > 0.0
    assert not refusing.reserve("ann", 1).allowed
    with pytest.raises(RateLimitExceededError, match="cannot be reached"):
        refusing.consume("ann")
    for call in (raising.check_and_consume, raising.get_remaining, raising.retry_after):
        with pytest.raises(APIConnectionError):
            call("ann")
    with pytest.raises(APIConnectionError):
        asyncio.run(raising.acheck_and_consume("ann"))
    for limiter in (refusing, raising):
        limiter.close()


def test_a_server_that_hangs_costs_one_timeout(redis_server: RedisServer) -> None:
    options = RedisOptions(timeout=0.2, cool_down=60.0)
    limiter = limiter_of(redis_server.url, "p", options=options)
    limiter.consume("ann", 1)
    redis_server.stall()
    assert all(limiter.check_and_consume("ann", 1) for _ in range(100))
    redis_server.resume()
    sent = redis_server.tell("INFO", "commandstats")
    # Of a hundred calls one was made.
    assert sent["cmdstat_evalsha"]["calls"] == 2
    limiter.close()


def test_a_server_without_memory_is_an_outage_like_others(redis_server: RedisServer) -> None:
    limiter = limiter_of(redis_server.url, "p")
    raising = limiter_of(redis_server.url, "p", on_unreachable="raise")
    limiter.consume("ann", 60)
    redis_server.fill()
    # To refuse it need not write.
    assert not limiter.check_and_consume("ann", 60)
    assert limiter.check_and_consume("ann", 30)
    with pytest.raises(OverloadedError, match="maxmemory"):
        raising.check_and_consume("ann", 10)
    redis_server.empty()
    assert limiter.get_remaining("ann") == 40
    limiter.close()
    raising.close()


def test_a_replica_takes_nothing(redis_server: RedisServer) -> None:
    raising = limiter_of(redis_server.url, "p", on_unreachable="raise")
    redis_server.make_replica()
    with pytest.raises(RactoGatewayError, match="replica"):
        raising.check_and_consume("ann", 10)
    raising.close()


def test_a_wrong_password_is_an_error_and_not_printed(
    make_redis: Callable[..., RedisServer],
) -> None:
    server = make_redis("--requirepass", "correct-horse")
    url = server.url.replace("://", "://:battery-staple@")
    limiter = RedisRateLimiter(url=url)
    with pytest.raises(RactoGatewayAuthError) as caught:
        limiter.check_and_consume("ann")
    assert "battery-staple" not in str(caught.value)
    limiter.close()


def test_what_to_do_without_a_server_is_checked() -> None:
    with pytest.raises(ConfigurationError, match="'allow', 'refuse' or 'raise', not 'open'"):
        RedisRateLimiter(on_unreachable="open")  # type: ignore[arg-type]


def wait_until(holds: Callable[[], bool]) -> None:
    """Try for a while, as a closed gate opens again after its cool-down."""
    for _ in range(100):
        if holds():
            return
        asyncio.run(asyncio.sleep(0.02))
    raise AssertionError("it never held")
