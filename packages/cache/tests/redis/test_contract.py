"""The exact cache on Redis keeps racto-core's contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from racto.cache.redis import RedisExactCache, RedisOptions
from racto.core.testing.contracts.caches import ExactCacheContract


class TestRedisExactCache(ExactCacheContract):
    """All laws, on a real Redis."""

    @pytest.fixture
    def cache(self, redis_url: str, prefix: str) -> Iterator[RedisExactCache]:
        """A cache of its own prefix."""
        options = RedisOptions(timeout=20, connect_timeout=20)
        with RedisExactCache(
            url=redis_url, key_prefix=prefix, keep_tool_calls=True, options=options
        ) as cache:
            yield cache
