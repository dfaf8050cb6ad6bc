"""RedisSemanticCache keeps the contract of semantic caches, wherever vectors are searched."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from racto.cache import RedisSemanticCache
from racto.core.testing import HashEmbedder, SimilarityCacheContract


def made(url: str, prefix: str, search: str) -> Iterator[RedisSemanticCache]:
    cache = RedisSemanticCache(
        url=url,
        embed_fn=HashEmbedder(256),
        similarity_threshold=0.9,
        key_prefix=prefix,
        search=search,
        fail_open=False,
    )
    yield cache
    cache.clear()
    cache.close()


class TestMirroredSemanticCache(SimilarityCacheContract):
    """The whole contract, with vectors as bytes on a Redis without vector search."""

    @pytest.fixture
    def cache(self, redis_url: str, prefix: str) -> Iterator[RedisSemanticCache]:
        yield from made(redis_url, prefix, "local")


class TestServerSemanticCache(SimilarityCacheContract):
    """The whole contract, searched by the vector sets of a Redis 8."""

    @pytest.fixture
    def cache(self, vector_redis_url: str, prefix: str) -> Iterator[RedisSemanticCache]:
        yield from made(vector_redis_url, f"{prefix}:{os.getpid()}", "auto")
