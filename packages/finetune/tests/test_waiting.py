"""A wait looks soon at first and less often later, is patient with outages, and ends in time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core.deadlines import Deadline
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    DeadlineExceededError,
    NotFoundError,
    RactoGatewayError,
    RateLimitError,
)
from racto.core.flows import Flow
from racto.finetune.jobs import (
    TuningEvent,
    TuningFault,
    TuningJob,
    TuningJobError,
    TuningProgress,
    TuningState,
)
from racto.finetune.waiting import Wait, WaitPolicy, succeeded


def job(state: TuningState = TuningState.RUNNING, **fields: Any) -> TuningJob:
    """A job in a state."""
    return TuningJob(job_id="j", provider="openai", state=state, status=state, **fields)


class Clock:
    """Runs a wait, and lets its pauses pass at once."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def wait(self, given: WaitPolicy, report: Any = None) -> Wait:
        """A wait by this clock."""
        return Wait("j", given, report=report, clock=lambda: self.now)

    def run(self, flow: Flow[TuningJob]) -> TuningJob:
        """Run a flow whose only steps are pauses."""
        try:
            step = next(flow)
            while True:
                (pause,) = step.args
                self.pauses.append(pause)
                self.now += pause
                step = flow.send(None)
        except StopIteration as end:
            ended: TuningJob = end.value
            return ended


@pytest.fixture
def clock() -> Clock:
    """A clock that a test moves."""
    return Clock()


def looks(*told: TuningJob | RactoGatewayError) -> Callable[[Deadline], Flow[TuningJob]]:
    """Looks at a job that see one thing after another, and the last one for ever."""
    answers: Iterator[TuningJob | RactoGatewayError] = iter(told)
    latest = told[0]

    def look(deadline: Deadline) -> Flow[TuningJob]:
        nonlocal latest
        latest = next(answers, latest)
        if isinstance(latest, RactoGatewayError):
            raise latest
        yield from ()
        return latest

    return look


def policy(**fields: Any) -> WaitPolicy:
    """A policy with some fields of its own."""
    return WaitPolicy(**{"timeout": None, **fields})


def test_the_first_looks_come_sooner_than_the_later_ones(clock: Clock) -> None:
    told = [job()] * 12 + [job(TuningState.SUCCEEDED)]
    ended = clock.run(clock.wait(policy(poll_interval=30)).ended(looks(*told)))
    assert ended.state is TuningState.SUCCEEDED
    assert len(clock.pauses) == 12
    assert 2.4 <= clock.pauses[0] <= 3.6
    assert all(24 <= pause <= 36 for pause in clock.pauses[6:])


def test_pauses_are_spread() -> None:
    given = policy(poll_interval=10)
    pauses = [given.pause(99, draw=[at].pop) for at in (0.0, 0.5, 1.0)]
    assert pauses == pytest.approx([8.0, 10.0, 12.0])
    assert math.isfinite(given.pause(10**9))
    assert policy(poll_interval=0.5).pause(0, draw=lambda: 0.5) == 0.5


def test_setbacks_grow_and_heed_what_the_server_asks() -> None:
    given = policy(poll_interval=30)
    error = APIConnectionError("gone")
    low = [given.setback(failures, error) for failures in (1, 2, 3, 9)]
    assert all(wait >= least for wait, least in zip(low, (0.5, 1.0, 2.0, 30.0), strict=True))
    assert all(given.setback(50, error) <= 60 for _ in range(20))
    assert given.setback(1, RateLimitError("slow", retry_after=500.0)) == 500.0


def test_a_wait_gives_up_an_outage_that_lasts(clock: Clock) -> None:
    wait = clock.wait(policy(outage=600)).ended(looks(job(), APIConnectionError("gone")))
    with pytest.raises(APIConnectionError, match="gone") as caught:
        clock.run(wait)
    assert "job j was left to itself" in caught.value.__notes__[-1]
    assert 600 < sum(clock.pauses) < 800


def test_an_outage_that_ends_is_forgotten(clock: Clock) -> None:
    gone = [APIConnectionError("gone")] * 8
    told: list[TuningJob | RactoGatewayError] = [*gone, job(), *gone, job(), *gone]
    wait = clock.wait(policy(outage=200)).ended(looks(*told, job(TuningState.SUCCEEDED)))
    assert clock.run(wait).state is TuningState.SUCCEEDED
    assert sum(clock.pauses) > 200


def test_an_error_that_does_not_pass_ends_the_wait_at_once(clock: Clock) -> None:
    with pytest.raises(NotFoundError) as caught:
        clock.run(clock.wait(policy()).ended(looks(NotFoundError("no such job"))))
    assert caught.value.__notes__ == ["job j was left to itself (failures: 1)"]
    assert clock.pauses == []


@pytest.mark.parametrize("timeout", [0.0, 1.0, 100.0, 10_000.0], ids=str)
def test_a_wait_ends_when_its_time_is_up_after_one_more_look(clock: Clock, timeout: float) -> None:
    with pytest.raises(DeadlineExceededError, match="wait_for_completion"):
        clock.run(clock.wait(policy(timeout=timeout)).ended(looks(job())))
    assert sum(clock.pauses) == pytest.approx(timeout)


def test_a_job_that_ends_at_the_last_moment_has_ended(clock: Clock) -> None:
    wait = clock.wait(policy(timeout=1.0)).ended(looks(job(), job(TuningState.SUCCEEDED)))
    assert clock.run(wait).state is TuningState.SUCCEEDED


def test_the_last_trouble_is_told_with_the_timeout(clock: Clock) -> None:
    wait = clock.wait(policy(timeout=5.0)).ended(looks(APIConnectionError("gone")))
    with pytest.raises(DeadlineExceededError) as caught:
        clock.run(wait)
    assert isinstance(caught.value.__cause__, APIConnectionError)


def test_progress_is_told_with_its_events(clock: Clock) -> None:
    seen: list[TuningProgress] = []
    batches = iter(
        [
            [TuningEvent(event_id="1", message="Created")],
            [TuningEvent(event_id="2", message="", data={"step": 4, "total_steps": 8})],
            [],
        ]
    )

    def news(deadline: Deadline) -> Flow[list[TuningEvent]]:
        yield from ()
        return next(batches)

    told = [job(), job(), job(TuningState.SUCCEEDED)]
    clock.run(clock.wait(policy(), seen.append).ended(looks(*told), news))
    assert [one.fraction for one in seen] == [None, 0.5, 1.0]
    assert [len(one.events) for one in seen] == [1, 1, 0]
    assert seen[0].elapsed < seen[1].elapsed < seen[2].elapsed


def test_nobody_s_news_are_not_asked_for(clock: Clock) -> None:
    def news(deadline: Deadline) -> Flow[list[TuningEvent]]:
        raise AssertionError("nobody is told")

    clock.run(clock.wait(policy()).ended(looks(job(TuningState.SUCCEEDED)), news))


def test_news_that_cannot_be_had_are_a_setback(clock: Clock) -> None:
    troubles = iter([APIConnectionError("gone")])
    seen: list[TuningProgress] = []

    def news(deadline: Deadline) -> Flow[list[TuningEvent]]:
        yield from ()
        for trouble in troubles:
            raise trouble
        return []

    told = [job(), job(), job(TuningState.SUCCEEDED)]
    clock.run(clock.wait(policy(), seen.append).ended(looks(*told), news))
    # What was not told the first time is told the second time.
    assert len(seen) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"poll_interval": 0},
        {"poll_interval": -1},
        {"poll_interval": math.inf},
        {"poll_interval": math.nan},
        {"timeout": -1},
        {"timeout": math.nan},
        {"outage": -1},
    ],
    ids=str,
)
def test_odd_numbers_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        policy(**fields)


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (job(TuningState.SUCCEEDED), "names no model"),
        (job(TuningState.FAILED), "the provider does not say why"),
        (
            job(TuningState.FAILED, fault=TuningFault(message="Bad", code="x", param="file")),
            r"has failed: Bad \(x\) \(at fault: file\)",
        ),
        (job(TuningState.CANCELLED), "was ended before it had a model"),
    ],
    ids=["no model", "no reason", "a reason", "cancelled"],
)
def test_a_job_without_a_model_is_an_error(ended: TuningJob, told: str) -> None:
    with pytest.raises(TuningJobError, match=told) as caught:
        succeeded(ended)
    assert caught.value.job is ended
    assert isinstance(caught.value, RuntimeError)


def test_a_job_with_a_model_has_its_name() -> None:
    assert succeeded(job(TuningState.SUCCEEDED, model="ft:x")) == "ft:x"
