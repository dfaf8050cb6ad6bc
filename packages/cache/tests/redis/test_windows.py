"""The algorithm in Lua does what the one in Python does, also where clocks and values are odd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.cache import RateLimitConfig, RedisRateLimiter
from racto.cache.config import MOST
from racto.cache.limits.windows import SLICES, Window
from racto.cache.redis import RedisOptions
from racto.cache.redis.connections import RedisLink
from racto.cache.redis.windows import LOOK, TAKE

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)

WIDTH = 1_000
LENGTH = SLICES * WIDTH


@pytest.fixture(scope="module")
def link(shared_redis: Any) -> Iterator[RedisLink]:
    made = RedisLink(shared_redis.url, options=PATIENT)
    yield made
    made.close()


def take(link: RedisLink, name: bytes, now: int, tokens: int, amount: int = 50) -> Any:
    """Take from one budget with slices of a millisecond."""
    arguments = [b"%d@%d" % (tokens, now), b"t %d %d" % (amount, WIDTH)]
    return link.call(lambda client: TAKE.run(client, [name], arguments))


# On, before and after edges; now and then back in time, within what is still counted.
calls = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 5), st.integers(0, LENGTH + WIDTH), st.integers(-LENGTH, 0)),
        st.integers(1, 50),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(calls=calls)
def test_it_decides_alike(link: RedisLink, calls: list[tuple[int, int]]) -> None:
    name = b"racto:test:windows"
    link.call(lambda client: client.delete(name))
    window, now = Window(), 10**15
    for step, tokens in calls:
        now += step
        window.roll(now // WIDTH)
        missing = window.used + tokens - 50
        if missing > 0:
            expected: Any = [1, window.wait(now, WIDTH, missing)]
        else:
            expected = 0
            window.add(now // WIDTH, tokens)
        assert take(link, name, now, tokens) == expected
        # Rolling is what only one of them remembers of a refusal.
        if expected != 0:
            return


def test_a_value_that_is_no_window_counts_as_no_use(link: RedisLink) -> None:
    name = b"racto:test:foreign"
    for value in (b"", b"garbage", b"\xff\x00=1", b"12"):
        link.call(lambda client, value=value: client.set(name, value))  # type: ignore[misc]
        assert take(link, name, 10**15, 50) == 0
        assert take(link, name, 10**15, 1) == [1, LENGTH + WIDTH]
    link.call(lambda client: client.delete(name))
    link.call(lambda client: client.rpush(name, b"a list"))
    assert take(link, name, 10**15, 50) == 0


def test_amounts_beyond_what_a_double_shows_are_exact(link: RedisLink) -> None:
    name = b"racto:test:large"
    link.call(lambda client: client.delete(name))
    assert take(link, name, 10**15, MOST - 3, MOST) == 0
    assert take(link, name, 10**15 + WIDTH, 2, MOST) == 0
    look = [b"1@%d" % 10**15, b"t %d %d" % (MOST, WIDTH)]
    answer: Any = link.call(lambda client: LOOK.run(client, [name], look))
    assert answer[2] == MOST - 1
    assert take(link, name, 10**15 + WIDTH, 2, MOST) == [1, LENGTH + WIDTH - WIDTH]


def test_a_clock_that_is_set_back_neither_grants_twice_nor_locks_out(
    redis_url: str, prefix: str
) -> None:
    now = [1_800_000_000.0]
    config = RateLimitConfig(max_tokens_per_minute=100, key_prefix=prefix)
    limiter = RedisRateLimiter(url=redis_url, config=config, options=PATIENT, clock=lambda: now[0])
    held = limiter.reserve("ann", 60)
    now[0] -= 86_400.0
    assert limiter.get_remaining("ann") == 40
    assert limiter.check_and_consume("ann", 10)
    assert 60.0 < limiter.retry_after("ann", 100) <= 61.0
    # It was made in what is now the future, and stands in the newest slice.
    limiter.settle(held, 20)
    assert limiter.get_remaining("ann") == 70
    now[0] += 61.0
    assert limiter.get_remaining("ann") == 100
    limiter.close()
