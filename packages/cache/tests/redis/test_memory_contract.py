"""The memory on Redis keeps the contract of chat memories, on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from racto.cache import ChatMemoryConfig, RedisChatMemory
from racto.cache.redis import RedisOptions
from racto.core.testing.contracts.memories import ChatMemoryContract

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)


class TestRedisChatMemory(ChatMemoryContract):
    appended = 40

    @pytest.fixture
    def memory(self, redis_url: str, prefix: str) -> Iterator[RedisChatMemory]:
        made = RedisChatMemory(
            url=redis_url, config=ChatMemoryConfig(key_prefix=prefix), options=PATIENT
        )
        yield made
        made.close()
