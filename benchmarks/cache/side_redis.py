"""Our exact cache on Redis, and the bare round trips of the client that it uses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

URL = os.environ.get("RACTO_REDIS_URL", "redis://127.0.0.1:6379/0")
CALLS = 100
PREFIX = "racto:bench:exact"
REST = ("Be brief, and answer in the language of the question.", "gpt-4o", 0.0, 4096)


def ping(size: int) -> Callable[[], int]:
    """The smallest command, by the client of the cache."""
    from racto.cache.redis import RedisLink

    return _repeated(RedisLink(URL).client().ping)


def bare_get(size: int) -> Callable[[], int]:
    """The bytes of an entry, by the client of the cache; nothing is made of them."""
    from racto.cache.redis import RedisLink
    from racto.cache.replies import packed

    client = RedisLink(URL).client()
    client.set("racto:bench:bare", packed(_reply(size)))
    return _repeated(lambda: client.get("racto:bench:bare"))


def lookup(size: int) -> Callable[[], int]:
    """A hit by the whole request."""
    cache, request = _cache(), _request(size)
    cache.remember(request, _reply(size), ttl_seconds=600)
    assert cache.lookup(request) is not None
    return _repeated(lambda: cache.lookup(request))


def lookup_others(size: int) -> Callable[[], int]:
    """Hits on a hundred replies of which none was read of late."""
    from racto.cache.redis.readings import Readings

    cache, requests = _cache(), [_request(size, seed=number) for number in range(CALLS)]
    for number, request in enumerate(requests):
        cache.remember(request, _reply(size - 3, str(number)), ttl_seconds=600)
    cache._shelf._readings = Readings(most_bytes=0)

    def once() -> int:
        for request in requests:
            cache.lookup(request)
        return CALLS

    once()
    return once


def get(size: int) -> Callable[[], int]:
    """A hit by five parts."""
    cache, question = _cache(), "x" * size
    cache.put(question, *REST, _reply(size))
    assert cache.get(question, *REST) is not None
    return _repeated(lambda: cache.get(question, *REST))


def put(size: int) -> Callable[[], int]:
    """A reply in the place of an older one."""
    cache, question, reply = _cache(), "x" * size, _reply(size)
    return _repeated(lambda: cache.put(question, *REST, reply))


def aping(size: int) -> Callable[[], int]:
    """The smallest command, by the async client of the cache."""
    from racto.cache.redis import RedisLink

    link = RedisLink(URL)

    async def call() -> None:
        client: Any = await link.aclient()
        for _ in range(CALLS):
            await client.ping()

    return _awaited(call)


def alookup(size: int) -> Callable[[], int]:
    """A hit by the whole request, in a task."""
    cache, request = _cache(), _request(size)
    cache.remember(request, _reply(size), ttl_seconds=600)

    async def call() -> None:
        for _ in range(CALLS):
            await cache.alookup(request)

    return _awaited(call)


def _cache() -> Any:
    from racto.cache.redis import RedisExactCache

    return RedisExactCache(url=URL, key_prefix=PREFIX, ttl_seconds=600, fail_open=False)


def _request(size: int, **fields: Any) -> Any:
    from racto.core import ChatConfig
    from racto.core.requests import ChatRequest

    config = ChatConfig(user_message="x" * size, temperature=0.0, **fields)
    return ChatRequest(provider="openai", model=REST[1], system=REST[0], config=config)


def _reply(size: int, more: str = "") -> Any:
    from racto.core import LLMResponse

    return LLMResponse(content="z" * size + more)


def _repeated(call: Callable[[], object]) -> Callable[[], int]:
    def once() -> int:
        for _ in range(CALLS):
            call()
        return CALLS

    call()
    return once


def _awaited(call: Callable[[], Awaitable[None]]) -> Callable[[], int]:
    loop = asyncio.new_event_loop()

    def once() -> int:
        loop.run_until_complete(call())  # type: ignore[arg-type]
        return CALLS

    once()
    return once
