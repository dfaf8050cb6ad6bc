"""Limiters that raise, and blocks of code that reserve before and settle after."""

from __future__ import annotations

import asyncio

import pytest

from racto.cache import LocalRateLimiter, RateLimitConfig
from racto.core.errors import RateLimitExceededError


@pytest.fixture
def limiter() -> LocalRateLimiter:
    return LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=100))


def test_consuming_raises_where_checking_says_no(limiter: LocalRateLimiter) -> None:
    limiter.consume("ann", 99)
    with pytest.raises(RateLimitExceededError, match="'user'") as caught:
        limiter.consume("ann", 2)
    assert caught.value.retry_after is not None
    assert 60.0 < caught.value.retry_after <= 61.0
    asyncio.run(limiter.aconsume("ann", 1))
    with pytest.raises(RateLimitExceededError):
        asyncio.run(limiter.aconsume("ann", 1))
    assert limiter.get_remaining("ann") == 0


def test_a_block_settles_what_it_used(limiter: LocalRateLimiter) -> None:
    with limiter.limited("ann", 60) as spending:
        assert limiter.get_remaining("ann") == 40
        spending.used = 15
    assert limiter.get_remaining("ann") == 85
    with limiter.limited("ann", 10):
        pass
    assert limiter.get_remaining("ann") == 75


def test_a_block_that_fails_has_used_its_estimate_unless_it_said(limiter: LocalRateLimiter) -> None:
    def fail(used: int | None) -> None:
        with limiter.limited("ann", 10) as spending:
            spending.used = spending.used if used is None else used
            raise KeyError

    with pytest.raises(KeyError):
        fail(None)
    assert limiter.get_remaining("ann") == 90
    with pytest.raises(KeyError):
        fail(0)
    assert limiter.get_remaining("ann") == 90


def test_a_block_that_does_not_fit_does_not_begin(limiter: LocalRateLimiter) -> None:
    began = False
    with pytest.raises(RateLimitExceededError), limiter.limited("ann", 101):
        began = True
    assert not began
    assert limiter.get_remaining("ann") == 100


def test_blocks_that_wait_settle_too(limiter: LocalRateLimiter) -> None:
    async def spend() -> None:
        async with limiter.alimited("ann", 60) as spending:
            await asyncio.sleep(0)
            spending.used = 70
        with pytest.raises(RateLimitExceededError):
            async with limiter.alimited("ann", 31):
                raise AssertionError("must not begin")

    asyncio.run(spend())
    assert limiter.get_remaining("ann") == 30
