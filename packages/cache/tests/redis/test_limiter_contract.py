"""The limiter on Redis keeps the contract of rate limiters, on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from racto.cache import RateLimit, RateLimitConfig, RedisRateLimiter
from racto.cache.redis import RedisOptions
from racto.core.testing.contracts.limiters import RateLimiterContract

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)


class TestRedisRateLimiter(RateLimiterContract):
    @pytest.fixture
    def limiter(self, redis_url: str, prefix: str) -> Iterator[RedisRateLimiter]:
        config = RateLimitConfig(max_tokens_per_minute=self.budget, key_prefix=prefix)
        made = RedisRateLimiter(url=redis_url, config=config, options=PATIENT)
        yield made
        made.close()


class TestSeveralLimits(RateLimiterContract):
    @pytest.fixture
    def limiter(self, redis_url: str, prefix: str) -> Iterator[RedisRateLimiter]:
        limits = (
            RateLimit(name="each", amount=self.budget, seconds=3600),
            RateLimit(name="all", amount=10_000, scope="global"),
            RateLimit(name="calls", amount=10_000, what="requests", scope="model"),
        )
        config = RateLimitConfig(limits=limits, key_prefix=prefix)
        made = RedisRateLimiter(
            url=redis_url, config=config, options=PATIENT, on_unreachable="raise"
        )
        yield made
        made.close()
