"""The reference package's exact cache on Redis, with one client, and as it makes clients itself."""

from __future__ import annotations

import os
from collections.abc import Callable

import redis
from ractogateway import LLMResponse, RedisExactCache

URL = os.environ.get("RACTO_REDIS_URL", "redis://127.0.0.1:6379/0")
CALLS = 100
REST = ("Be brief, and answer in the language of the question.", "gpt-4o", 0.0, 4096)


def get(size: int) -> Callable[[], int]:
    """A hit, by one client."""
    return _hits(RedisExactCache(client=redis.Redis.from_url(URL), ttl_seconds=600), size)


def get_by_url(size: int) -> Callable[[], int]:
    """A hit, as the class connects by itself."""
    return _hits(RedisExactCache(url=URL, ttl_seconds=600), size)


def put(size: int) -> Callable[[], int]:
    """A reply in the place of an older one, by one client."""
    cache = RedisExactCache(client=redis.Redis.from_url(URL), ttl_seconds=600)
    question, reply = "x" * size, LLMResponse(content="z" * size)

    def once() -> int:
        for _ in range(CALLS):
            cache.put(question, *REST, reply)
        return CALLS

    return once


def _hits(cache: RedisExactCache, size: int) -> Callable[[], int]:
    question = "x" * size
    cache.put(question, *REST, LLMResponse(content="z" * size))
    assert cache.get(question, *REST) is not None

    def once() -> int:
        for _ in range(CALLS):
            cache.get(question, *REST)
        return CALLS

    return once
