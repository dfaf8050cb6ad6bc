"""Both limiters against one simple model: every use with its moment, added up anew each time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from racto.cache import LocalRateLimiter, RateLimit, RateLimitConfig, RedisRateLimiter
from racto.cache.redis import RedisOptions

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)

LIMITS = (
    RateLimit(name="own", amount=20),
    RateLimit(name="shared", amount=35, scope="model", seconds=30.0),
    RateLimit(name="calls", amount=12, what="requests", scope="global", seconds=120.0),
)
SECOND = 1_000_000

users = st.sampled_from(["ann", "bob", "*"])
models = st.sampled_from(["", "gpt"])
amounts = st.integers(1, 22)

Make = Callable[[Callable[[], float]], Any]


class LimiterMachine(RuleBasedStateMachine):
    """Uses a limiter and the model alike, on a clock that only goes forward."""

    def __init__(self, make: Make) -> None:
        super().__init__()
        self.now = 10**15
        self.limiter = make(lambda: self.now / SECOND)
        # Of each limit: whose, when, how much.
        self.uses: list[list[list[Any]]] = [[] for _ in LIMITS]
        self.held: list[tuple[Any, list[tuple[int, list[Any]]]]] = []

    def holder(self, limit: RateLimit, user: str, model: str) -> str:
        return {"user": user, "model": model, "global": ""}[limit.scope]

    def left(self, index: int, holder: str, now: int) -> int:
        width = int(LIMITS[index].seconds * SECOND) // 60
        live: Iterator[int] = (
            amount
            for whose, at, amount in self.uses[index]
            if whose == holder and (at // width + 61) * width > now
        )
        return LIMITS[index].amount - sum(live)

    def fits(self, user: str, tokens: int, model: str, now: int) -> bool:
        return all(
            (tokens if limit.what == "tokens" else 1)
            <= self.left(index, self.holder(limit, user, model), now)
            for index, limit in enumerate(LIMITS)
        )

    def take(self, user: str, tokens: int, model: str) -> list[tuple[int, list[Any]]]:
        taken = []
        for index, limit in enumerate(LIMITS):
            cost = tokens if limit.what == "tokens" else 1
            use = [self.holder(limit, user, model), self.now, cost]
            self.uses[index].append(use)
            taken.append((index, use))
        return taken

    @rule(sixteenths=st.one_of(st.integers(0, 40), st.integers(0, 16 * 70)))
    def time_passes(self, sixteenths: int) -> None:
        # Sixteenths of a second, which floats hold exactly.
        self.now += sixteenths * SECOND // 16

    @rule(user=users, tokens=amounts, model=models)
    def consume(self, user: str, tokens: int, model: str) -> None:
        expected = self.fits(user, tokens, model, self.now)
        assert self.limiter.check_and_consume(user, tokens, model=model) is expected
        if expected:
            self.take(user, tokens, model)

    @rule(user=users, tokens=amounts, model=models)
    def reserve(self, user: str, tokens: int, model: str) -> None:
        expected = self.fits(user, tokens, model, self.now)
        found = self.limiter.reserve(user, tokens, model=model)
        assert found.allowed is expected
        if expected:
            self.held.append((found, self.take(user, tokens, model)))

    @rule(used=st.integers(0, 30), which=st.integers(0, 5))
    def settle(self, used: int, which: int) -> None:
        if not self.held:
            return
        found, taken = self.held[which % len(self.held)]
        self.limiter.settle(found, used)
        if taken and taken[0][1][1] + (3600 + 120) * SECOND > self.now:
            for index, use in taken:
                if LIMITS[index].what == "tokens":
                    use[2] -= max(0, found.tokens - used)
                    self.uses[index].append([use[0], self.now, max(0, used - found.tokens)])
        taken.clear()

    @rule(user=users)
    def reset(self, user: str) -> None:
        self.limiter.reset(user)
        self.uses[0] = [use for use in self.uses[0] if use[0] != user]
        for found, taken in self.held:
            if found.user_id == user:
                taken.clear()

    @rule(user=users, tokens=amounts, model=models)
    def wait(self, user: str, tokens: int, model: str) -> None:
        wait = self.limiter.retry_after(user, tokens, model=model)
        if tokens > 20:
            assert wait == math.inf
            return
        micros = round(wait * SECOND)
        assert self.fits(user, tokens, model, self.now + micros)
        assert micros == 0 or not self.fits(user, tokens, model, self.now + micros - 1)

    @invariant()
    def what_is_left_is_exact(self) -> None:
        for user, model in (("ann", ""), ("bob", "gpt")):
            lefts = [
                max(0, self.left(index, self.holder(limit, user, model), self.now))
                for index, limit in enumerate(LIMITS)
            ]
            expected = min(lefts[0], lefts[1]) if min(lefts) else 0
            assert self.limiter.get_remaining(user, model=model) == expected


def test_the_local_limiter_follows_the_model() -> None:
    config = RateLimitConfig(limits=LIMITS)
    machine: Any = partial(LimiterMachine, lambda clock: LocalRateLimiter(config, clock=clock))
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=60, stateful_step_count=40, deadline=None),
    )


def test_the_limiter_on_redis_follows_the_model(redis_url: str, prefix: str) -> None:
    runs = count()
    limiters: list[RedisRateLimiter] = []

    def make(clock: Callable[[], float]) -> RedisRateLimiter:
        config = RateLimitConfig(limits=LIMITS, key_prefix=f"{prefix}:{next(runs)}")
        made = RedisRateLimiter(
            url=redis_url, config=config, options=PATIENT, clock=clock, on_unreachable="raise"
        )
        limiters.append(made)
        return made

    try:
        machine: Any = partial(LimiterMachine, make)
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=25, stateful_step_count=30, deadline=None),
        )
    finally:
        for limiter in limiters:
            limiter.close()
