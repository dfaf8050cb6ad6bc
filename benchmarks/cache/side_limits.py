"""Our limiters and memories, and the bare round trip of the client that they use."""

from __future__ import annotations

import os
from collections.abc import Callable

URL = os.environ.get("RACTO_TEST_REDIS", "redis://127.0.0.1:6379/0")
CALLS, LOCAL_CALLS = 100, 1_000
AMOUNT = 10**12
TEXT = "x" * 200


def _repeated(call: Callable[[], object], times: int = CALLS) -> Callable[[], int]:
    def once() -> int:
        for _ in range(times):
            call()
        return times

    call()
    return once


def ping() -> Callable[[], int]:
    """The client that all of them use, and the smallest command."""
    from racto.cache.redis import RedisLink

    return _repeated(RedisLink(URL).client().ping)


def check() -> Callable[[], int]:
    """One limit."""
    from racto.cache import RateLimitConfig, RedisRateLimiter

    config = RateLimitConfig(max_tokens_per_minute=AMOUNT, key_prefix="racto:bench:one")
    limiter = RedisRateLimiter(url=URL, config=config, on_unreachable="raise")
    return _repeated(lambda: limiter.check_and_consume("ann", 3))


def check_three() -> Callable[[], int]:
    """Three limits at once."""
    from racto.cache import RateLimit, RateLimitConfig, RedisRateLimiter

    limits = (
        RateLimit(name="user", amount=AMOUNT),
        RateLimit(name="all", amount=AMOUNT, scope="global"),
        RateLimit(name="calls", amount=AMOUNT, what="requests", scope="model"),
    )
    config = RateLimitConfig(limits=limits, key_prefix="racto:bench:three")
    limiter = RedisRateLimiter(url=URL, config=config, on_unreachable="raise")
    return _repeated(lambda: limiter.check_and_consume("ann", 3, model="gpt"))


def check_local() -> Callable[[], int]:
    """One limit in this process."""
    from racto.cache import LocalRateLimiter, RateLimitConfig

    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=AMOUNT))
    return _repeated(lambda: limiter.check_and_consume("ann", 3), LOCAL_CALLS)


def append() -> Callable[[], int]:
    """One message to a full conversation."""
    from racto.cache import ChatMemoryConfig, RedisChatMemory

    config = ChatMemoryConfig(key_prefix="racto:bench:memory", ttl_seconds=60)
    memory = RedisChatMemory(url=URL, config=config)
    return _repeated(lambda: memory.append("c", "user", TEXT))


def append_local() -> Callable[[], int]:
    """One message to a full conversation in this process."""
    from racto.cache import InMemoryChatMemory

    memory = InMemoryChatMemory()
    return _repeated(lambda: memory.append("c", "user", TEXT), LOCAL_CALLS)
