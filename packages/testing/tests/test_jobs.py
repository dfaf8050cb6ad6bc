"""Jobs move by polls or by hand, and by nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.testing.exchange import Outgoing
from racto.testing.jobs import Jobs
from racto.testing.replies import Conduct, Failure, Reply


class Counter:
    def __init__(self, id: str) -> None:
        self.id = id
        self.steps = 0

    def step(self) -> None:
        self.steps += 1


class Counters(Jobs[Counter]):
    def make(self, id: str) -> Counter:
        counter = Counter(id)
        self._add(counter)
        return counter

    def poll(self, counter: Counter) -> None:
        self._poll(counter)

    def answer(self) -> Outgoing:
        own = Outgoing(headers={"a": "1", "b": "1"}, body=b"{}")
        return self._interrupted(lambda: own, lambda failure: Outgoing(status=599))


@given(st.integers(1, 5), st.integers(0, 30))
def test_a_job_moves_at_every_so_many_polls(every: int, polls: int) -> None:
    counters = Counters()
    counters.polls_per_step = every
    one, other = counters.make("one"), counters.make("other")
    for _ in range(polls):
        counters.poll(one)
    assert (one.steps, other.steps) == (polls // every, 0)


def test_without_a_clock_only_the_test_moves_jobs() -> None:
    counters = Counters()
    counters.polls_per_step = None
    one, other = counters.make("one"), counters.make("other")
    counters.poll(one)
    counters.advance()
    counters.advance(3, id="other")
    assert (one.steps, other.steps) == (1, 4)


def test_a_job_that_is_not_there_cannot_be_moved() -> None:
    with pytest.raises(LookupError, match="known are none"):
        Counters().advance(id="gone")


def test_answers_that_were_slipped_in_come_first_and_once() -> None:
    counters = Counters()
    lost = Reply(body={"x": 1}, headers={"b": "2"}, conduct=Conduct(hang_up=True))
    counters.add(Failure(), lost)
    assert counters.answer().status == 599
    second = counters.answer()
    assert (second.body, second.headers) == (b'{"x":1}', {"a": "1", "b": "2"})
    assert second.conduct.hang_up
    assert counters.answer() == Outgoing(headers={"a": "1", "b": "1"}, body=b"{}")
