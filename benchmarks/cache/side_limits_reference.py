"""The reference package's limiter and memory on Redis, with one client instead of one a call."""

from __future__ import annotations

import os
from collections.abc import Callable

import redis
from ractogateway import ChatMemoryConfig, RateLimitConfig, RedisChatMemory, RedisRateLimiter

URL = os.environ.get("RACTO_TEST_REDIS", "redis://127.0.0.1:6379/0")
CALLS = 100
TEXT = "x" * 200


def check() -> Callable[[], int]:
    """One limit."""
    config = RateLimitConfig(max_tokens_per_minute=10**12, key_prefix="bench:limit")
    limiter = RedisRateLimiter(client=redis.Redis.from_url(URL), config=config)

    def once() -> int:
        for _ in range(CALLS):
            limiter.check_and_consume("ann", 3)
        return CALLS

    return once


def append() -> Callable[[], int]:
    """One message to a full conversation."""
    config = ChatMemoryConfig(key_prefix="bench:memory", ttl_seconds=60)
    memory = RedisChatMemory(client=redis.Redis.from_url(URL), config=config)

    def once() -> int:
        for _ in range(CALLS):
            memory.append("c", "user", TEXT)
        return CALLS

    return once
