"""The cache on Redis: shared, apart by namespace, and its outage is a miss and never an error."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import pytest

from racto.core.errors import ConfigurationError
from racto.retrieval.server.cache import RedisCache

# Nothing listens there.
NOBODY = "redis://:s3cret@127.0.0.1:9"


@pytest.fixture
def url(address_of: Callable[[str], str]) -> str:
    return address_of("redis")


@pytest.fixture
def prefix() -> str:
    return f"racto-test-{uuid.uuid4().hex}:"


async def test_what_one_process_puts_another_gets(url: str, prefix: str) -> None:
    here, there = (RedisCache(ttl=60, redis_url=url, key_prefix=prefix) for _ in range(2))
    try:
        await here.put(b"key", {"scores": {"ä": 0.1}})
        assert await there.get(b"key") == {"scores": {"ä": 0.1}}
        await there.remove(b"key")
        assert await here.get(b"key") is None
        assert (there.stats.hits, here.stats.misses) == (1, 1)
    finally:
        await here.clear()
        await here.close()
        await there.close()


async def test_two_collections_on_one_server_never_meet(url: str, prefix: str) -> None:
    one, other = (
        RedisCache(ttl=60, redis_url=url, key_prefix=prefix, namespace=name)
        for name in ("colA", "colB")
    )
    try:
        await one.put("doc1", {"text": "of A"})
        assert await other.get("doc1") is None
        await other.clear()
        assert await one.get("doc1") == {"text": "of A"}
    finally:
        await one.clear()
        await one.close()
        await other.close()


async def test_clearing_takes_only_its_own(url: str, prefix: str) -> None:
    # A prefix with a pattern's characters must not reach further than itself.
    star = RedisCache(redis_url=url, key_prefix=f"{prefix}*")
    plain = RedisCache(redis_url=url, key_prefix=f"{prefix}x")
    try:
        for number in range(2500):
            await star.put(number, number)
        await plain.put("k", 1)
        await star.clear()
        assert await star.get(7) is None
        assert await plain.get("k") == 1
    finally:
        await plain.clear()
        await star.close()
        await plain.close()


async def test_an_outage_is_a_miss_and_is_told_once_a_pause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    cache = RedisCache(redis_url=NOBODY, pause_s=1, clock=lambda: now[0])
    with caplog.at_level(logging.WARNING):
        assert await cache.get("k") is None
        await cache.put("k", 1)
        assert await cache.get("k") is None
    assert len(caplog.records) == 1
    assert "s3cret" not in caplog.text
    assert cache.stats.failures == 3
    now[0] = 2.0
    assert await cache.get("k") is None
    assert len(caplog.records) == 2
    await cache.close()


async def test_a_strangers_entry_is_a_miss(url: str, prefix: str) -> None:
    from redis.asyncio import Redis

    cache = RedisCache(redis_url=url, key_prefix=prefix)
    try:
        await cache.put("k", {"a": 1})
        client = Redis.from_url(url)
        (name,) = [key async for key in client.scan_iter(f"{prefix}*")]
        await client.set(name, b"\x80\x04no json")
        await client.aclose()
        assert await cache.get("k") is None
    finally:
        await cache.clear()
        await cache.close()


def test_an_unreadable_url_is_named_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        RedisCache(redis_url="rediss+nope://:s3cret@host")
    assert "s3cret" not in str(caught.value)
