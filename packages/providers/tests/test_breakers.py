"""A circuit opens after failures in a row, lets one try after a while, and believes what it sees."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, strategies as st

from racto.core import ConfigurationError
from racto.providers.breakers import BreakerPolicy, CircuitBreaker, Permit


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


def admitted(breaker: CircuitBreaker) -> Permit:
    permit = breaker.admit()
    assert permit is not None
    return permit


def opened(breaker: CircuitBreaker) -> None:
    """Three requests in a row that fail."""
    for _ in range(3):
        admitted(breaker).failed()
    assert breaker.state == "open"


def test_it_opens_after_failures_in_a_row_and_a_success_starts_the_row_anew(
    breaker: CircuitBreaker,
) -> None:
    for _ in range(2):
        admitted(breaker).failed()
    admitted(breaker).succeeded()
    for _ in range(2):
        admitted(breaker).failed()
    assert breaker.state == "closed"
    admitted(breaker).failed()
    assert breaker.standing() == ("open", 3, 10.0)
    assert (breaker.state, breaker.failures, breaker.wait) == breaker.standing()
    assert not breaker.ready
    assert breaker.admit() is None


def test_one_request_tries_when_it_has_cooled_down(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 9.9
    assert breaker.admit() is None
    clock.now += 0.1
    assert breaker.state == "half-open"
    assert breaker.ready
    trial = admitted(breaker)
    assert not breaker.ready
    assert breaker.admit() is None
    trial.succeeded()
    assert breaker.standing() == ("closed", 0, 0.0)
    assert admitted(breaker) is not admitted(breaker)


def test_a_trial_that_fails_opens_it_again_at_once(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 10
    admitted(breaker).failed()
    assert breaker.state == "open"
    clock.now += 9
    assert breaker.admit() is None
    clock.now += 1
    assert breaker.admit() is not None


def test_a_trial_that_is_called_off_leaves_its_place_to_the_next(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += 10
    trial = admitted(breaker)
    trial.released()
    assert breaker.state == "half-open"
    second = admitted(breaker)
    # It has no place left to give away.
    trial.released()
    assert breaker.admit() is None
    second.succeeded()
    assert breaker.state == "closed"


def test_a_trial_that_is_never_heard_of_again_does_not_shut_the_kit_out(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += 10
    lost = admitted(breaker)
    clock.now += 10
    admitted(breaker)
    assert breaker.admit() is None
    # It was only slow, and says what the other trial is there to find out.
    lost.succeeded()
    assert breaker.state == "closed"


def test_who_asks_to_wait_is_left_alone_for_so_long(breaker: CircuitBreaker, clock: Clock) -> None:
    late = admitted(breaker)
    admitted(breaker).failed(retry_after=30.0)
    assert (breaker.state, breaker.wait) == ("open", 30.0)
    clock.now += 30
    # A server that asks for a year does not get it.
    admitted(breaker).failed(retry_after=3e7)
    assert breaker.wait == 60.0
    # A later failure does not shorten what was asked for.
    late.failed(retry_after=1.0)
    assert breaker.wait == 60.0


def test_a_late_success_does_not_close_what_has_opened_since(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    late, later = admitted(breaker), admitted(breaker)
    admitted(breaker).failed(retry_after=30.0)
    late.succeeded()
    assert (breaker.state, breaker.wait) == ("open", 30.0)
    clock.now += 30
    trial = admitted(breaker)
    later.succeeded()
    assert breaker.state == "half-open"
    trial.succeeded()
    assert breaker.state == "closed"


def test_a_late_failure_does_not_keep_it_open_unless_it_asks_to_wait(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    late, limited = admitted(breaker), admitted(breaker)
    opened(breaker)
    clock.now += 9
    late.failed()
    assert breaker.wait == 1.0
    clock.now += 1
    trial = admitted(breaker)
    limited.failed(retry_after=20.0)
    trial.succeeded()
    assert breaker.wait == 20.0


def test_of_many_threads_one_gets_the_trial(breaker: CircuitBreaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 10
    gate = threading.Barrier(32)

    def ask(_number: int) -> bool:
        gate.wait()
        return breaker.admit() is not None

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(ask, range(32))) == 1


def test_no_failure_is_lost_among_many_threads(clock: Clock) -> None:
    breaker = CircuitBreaker(BreakerPolicy(failures=10**6), clock=clock)
    gate = threading.Barrier(32)

    def fail(_number: int) -> None:
        gate.wait()
        for _ in range(100):
            admitted(breaker).failed()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(fail, range(32)))
    assert breaker.failures == 3200


EVENTS = st.sampled_from(["ask", "ok", "fail", "limit", "off", "lose", "wait"])


@given(st.lists(st.tuples(EVENTS, st.integers(0, 5)), max_size=60))
def test_whatever_happens_and_however_late_it_admits_again_after_a_while(
    events: list[tuple[str, int]],
) -> None:
    clock = Clock()
    breaker = CircuitBreaker(BreakerPolicy(failures=2, cooldown=5.0, longest=9.0), clock=clock)
    pending: list[Permit] = []
    for event, number in events:
        if event == "wait":
            clock.now += number
        elif event == "ask":
            ready = breaker.ready
            permit = breaker.admit()
            assert (permit is not None) is ready
            pending += [permit] if permit else []
        elif pending:
            permit = pending.pop(number % len(pending))
            before = breaker.wait
            {
                "ok": permit.succeeded,
                "fail": permit.failed,
                "limit": lambda p=permit, n=number: p.failed(float(n)),
                "off": permit.released,
                "lose": int,
            }[event]()
            # While it is open nobody may ask, so no report can be news that it works again.
            assert breaker.wait >= before
        state, _failures, wait = breaker.standing()
        assert (state == "open") is (wait > 0)
        assert wait <= 9.0
    clock.now += 9.0 + 5.0
    assert breaker.admit() is not None


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"cooldown": -1.0}, {"longest": float("nan")}])
def test_a_policy_that_means_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        BreakerPolicy(**wrong)  # type: ignore[arg-type]
