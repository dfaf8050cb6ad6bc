"""The local limiter keeps the contract of rate limiters."""

from __future__ import annotations

import pytest

from racto.cache import LocalRateLimiter, RateLimit, RateLimitConfig
from racto.core.testing.contracts.limiters import RateLimiterContract


class TestLocalRateLimiter(RateLimiterContract):
    @pytest.fixture
    def limiter(self) -> LocalRateLimiter:
        return LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=self.budget))


class TestSeveralLimits(RateLimiterContract):
    @pytest.fixture
    def limiter(self) -> LocalRateLimiter:
        limits = (
            RateLimit(name="each", amount=self.budget, seconds=3600),
            RateLimit(name="all", amount=10_000, scope="global"),
            RateLimit(name="calls", amount=10_000, what="requests", scope="model"),
        )
        return LocalRateLimiter(RateLimitConfig(limits=limits))
