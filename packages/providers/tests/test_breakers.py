"""A circuit opens after failures in a row, lets one try after a while, and believes what it sees."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, strategies as st

from racto.core import ConfigurationError
from racto.providers.breakers import BreakerPolicy, CircuitBreaker


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(BreakerPolicy(failures=3, cooldown=10.0, longest=60.0), clock=clock)


def test_it_opens_after_failures_in_a_row_and_a_success_starts_the_row_anew(
    breaker: CircuitBreaker,
) -> None:
    for _ in range(2):
        breaker.failed()
    breaker.succeeded()
    for _ in range(2):
        breaker.failed()
    assert breaker.state == "closed"
    assert breaker.admit()
    breaker.failed()
    assert (breaker.state, breaker.failures, breaker.wait) == ("open", 3, 10.0)
    assert not breaker.admit()


def test_one_request_tries_when_it_has_cooled_down(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 9.9
    assert not breaker.admit()
    clock.now += 0.1
    assert breaker.state == "half-open"
    assert [breaker.admit(), breaker.admit()] == [True, False]
    breaker.succeeded()
    assert (breaker.state, breaker.failures) == ("closed", 0)
    assert [breaker.admit(), breaker.admit()] == [True, True]


def test_a_trial_that_fails_opens_it_again_at_once(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 10
    assert breaker.admit()
    breaker.failed()
    assert breaker.state == "open"
    clock.now += 9
    assert not breaker.admit()
    clock.now += 1
    assert breaker.admit()


def test_a_trial_that_is_called_off_leaves_its_place_to_the_next(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 10
    assert breaker.admit()
    breaker.released()
    assert breaker.state == "half-open"
    assert breaker.admit()


def test_who_asks_to_wait_is_left_alone_for_so_long(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.failed(retry_after=30.0)
    assert (breaker.state, breaker.wait) == ("open", 30.0)
    clock.now += 30
    assert breaker.admit()
    # A server that asks for a year does not get it.
    breaker.failed(retry_after=3e7)
    assert breaker.wait == 60.0
    # A later failure does not shorten what was asked for.
    breaker.failed()
    assert breaker.wait == 60.0


def test_of_many_threads_one_gets_the_trial(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 10
    gate = threading.Barrier(8)

    def ask(_number: int) -> bool:
        gate.wait()
        return breaker.admit()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


@given(st.lists(st.sampled_from(["ok", "fail", "off", "wait"]), max_size=40))
def test_whatever_happens_it_admits_again_after_the_cooldown(events: list[str]) -> None:
    clock = Clock()
    breaker = CircuitBreaker(BreakerPolicy(failures=2, cooldown=5.0), clock=clock)
    for event in events:
        if event == "wait":
            clock.now += 2.0
        elif breaker.admit():
            {"ok": breaker.succeeded, "fail": breaker.failed, "off": breaker.released}[event]()
        assert (breaker.state == "open") is (breaker.wait > 0)
    clock.now += 5.0
    assert breaker.admit()


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"cooldown": -1.0}, {"longest": float("nan")}])
def test_a_policy_that_means_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        BreakerPolicy(**wrong)  # type: ignore[arg-type]
