"""The local limiter: bursts, several limits, settling, and memory that does not grow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from racto.cache import LocalRateLimiter, RateLimit, RateLimitConfig
from racto.core.errors import ConfigurationError


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_two_budgets_never_meet_at_an_edge(clock: Clock) -> None:
    # The reference's counter starts anew each minute: 200 tokens in 0.2 seconds.
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=100), clock=clock)
    granted = []
    for step in range(1_300):
        clock.now = 1_000.0 + step / 10
        if limiter.check_and_consume("ann", 100):
            granted.append(clock.now)
    assert len(granted) == 3
    assert all(later - earlier >= 60.0 for earlier, later in pairwise(granted))


def test_a_call_must_fit_into_every_limit(clock: Clock) -> None:
    config = RateLimitConfig(
        limits=(
            RateLimit(name="user", amount=100),
            RateLimit(name="model", amount=120, scope="model"),
            RateLimit(name="all", amount=3, what="requests", scope="global", seconds=600),
        )
    )
    limiter = LocalRateLimiter(config, clock=clock)
    assert limiter.check_and_consume("ann", 80, model="a")
    # Refused by the model's limit; Bob's own is left whole.
    assert not limiter.check_and_consume("bob", 50, model="a")
    assert limiter.get_remaining("bob", model="b") == 100
    assert limiter.check_and_consume("bob", 50, model="b")
    assert limiter.check_and_consume("eve", 1)
    assert limiter.get_remaining("eve") == 0
    assert 600.0 < limiter.retry_after("eve") <= 610.0
    # A reset restores what is the user's own, and nothing that is shared.
    limiter.reset("ann")
    assert not limiter.check_and_consume("ann")


def test_the_longest_wait_is_told(clock: Clock) -> None:
    limits = (
        RateLimit(name="second", amount=10, seconds=1),
        RateLimit(name="hour", amount=10, seconds=3600),
    )
    limiter = LocalRateLimiter(RateLimitConfig(limits=limits), clock=clock)
    limiter.consume("ann", 10)
    wait = limiter.retry_after("ann", 1)
    clock.now += wait - 0.001
    assert not limiter.check_and_consume("ann")
    clock.now += 0.002
    assert limiter.check_and_consume("ann", 10)


def test_more_than_was_left_counts_in_full(clock: Clock) -> None:
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=100), clock=clock)
    held = limiter.reserve("ann", 10)
    clock.now += 30.0
    limiter.settle(held, 250)
    assert limiter.get_remaining("ann") == 0
    # The estimate leaves before what came on top of it.
    clock.now += 31.0
    assert limiter.get_remaining("ann") == 0
    clock.now += 30.0
    assert limiter.get_remaining("ann") == 100


def test_a_long_call_is_counted_when_it_ends(clock: Clock) -> None:
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=100), clock=clock)
    held = limiter.reserve("ann", 10)
    clock.now += 600.0
    limiter.settle(held, 30)
    assert limiter.get_remaining("ann") == 80


def test_settling_is_over_after_an_hour_and_after_a_reset(clock: Clock) -> None:
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=100), clock=clock)
    forgotten = limiter.reserve("ann", 10)
    clock.now += 3_700.0
    limiter.settle(forgotten, 90)
    held = limiter.reserve("ann", 10)
    limiter.reset("ann")
    limiter.settle(held, 90)
    assert limiter.get_remaining("ann") == 100


def test_requests_stay_counted() -> None:
    limits = (RateLimit(name="calls", amount=2, what="requests"),)
    limiter = LocalRateLimiter(RateLimitConfig(limits=limits))
    limiter.settle(limiter.reserve("ann", 500), 0)
    assert limiter.get_remaining("ann") == 1


def test_idle_users_are_forgotten(clock: Clock) -> None:
    limiter = LocalRateLimiter(clock=clock)
    for number in range(5_000):
        clock.now += 0.5
        limiter.settle(limiter.reserve(f"user {number}", 5), 5)
    assert len(limiter._windows[0]) < 250
    assert len(limiter._holds) == 0


def test_threads_lose_nothing() -> None:
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=1_000))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: limiter.check_and_consume("ann", 3), range(2_000)))
    assert answers.count(True) == 333
    assert limiter.get_remaining("ann") == 1


def test_the_largest_amounts_are_exact() -> None:
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=2**53 - 1))
    assert not limiter.check_and_consume("ann", 2**53)
    assert limiter.check_and_consume("ann", 2**53 - 2)
    assert limiter.get_remaining("ann") == 1
    limiter.settle(limiter.reserve("ann", 1), 10**30)
    assert limiter.get_remaining("ann") == 0


def test_made_up_users_do_not_fill_the_memory() -> None:
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=10), max_users=3)
    for number in range(20):
        assert limiter.reserve(f"user {number}", 10).allowed
        assert not limiter.check_and_consume(f"user {number}", 1)
    assert len(limiter._windows[0]) == len(limiter._holds) == 3
    # The latest are remembered.
    assert [limiter.get_remaining(f"user {number}") for number in (16, 17, 19)] == [10, 0, 0]
    with pytest.raises(ConfigurationError, match="max_users"):
        LocalRateLimiter(max_users=0)
