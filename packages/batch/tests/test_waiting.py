"""Waiting: ends with the job, bears looks that fail, and gives up in time without losing the job."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from racto.batch.jobs import BatchJobInfo, BatchStatus, RequestCounts
from racto.batch.waiting import Pace, waiting
from racto.core import (
    ConfigurationError,
    Deadline,
    DeadlineExceededError,
    NotFoundError,
    OverloadedError,
    RactoGatewayError,
)
from racto.core.flows import Flow, step

from .harness.voices import Voice, voice as voice

QUICK = Pace(interval_s=0.001)


def info(done: int, status: BatchStatus = BatchStatus.IN_PROGRESS) -> BatchJobInfo:
    counts = RequestCounts(total=3, succeeded=done)
    return BatchJobInfo(job_id="j", provider="p", status=status, counts=counts)


def looks(*found: BatchJobInfo | RactoGatewayError) -> Callable[[Deadline], Flow[BatchJobInfo]]:
    """Looks that find this, one after the other; the last one for ever."""
    rest: Iterator[BatchJobInfo | RactoGatewayError] = iter([*found, *[found[-1]] * 10_000])

    def seen() -> BatchJobInfo:
        one = next(rest)
        if isinstance(one, RactoGatewayError):
            raise one
        return one

    async def aseen() -> BatchJobInfo:
        return seen()

    return lambda deadline: step(seen, aseen)


def test_it_ends_with_the_job_and_tells_of_each_look(voice: Voice) -> None:
    seen: list[int] = []
    found = voice(
        waiting(
            "j",
            looks(info(0), info(1), info(3, BatchStatus.COMPLETED)),
            pace=QUICK,
            deadline=Deadline(),
            on_progress=lambda each: seen.append(each.counts.done),
        )
    )
    assert found.status is BatchStatus.COMPLETED
    assert seen == [0, 1, 3]


def test_looks_that_fail_for_a_while_do_not_end_it(voice: Voice) -> None:
    found = looks(OverloadedError("busy"), OverloadedError("busy"), info(3, BatchStatus.FAILED))
    ended = voice(waiting("j", found, pace=QUICK, deadline=Deadline()))
    assert ended.status is BatchStatus.FAILED


def test_a_look_that_fails_for_good_ends_it(voice: Voice) -> None:
    with pytest.raises(NotFoundError):
        voice(waiting("j", looks(NotFoundError("gone")), pace=QUICK, deadline=Deadline()))


def test_the_deadline_names_the_job_and_how_to_go_on(voice: Voice) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"wait_for\('j'\).*get_results\('j'\)"):
        voice(waiting("j", looks(info(0)), pace=QUICK, deadline=Deadline.after(0.05)))
    assert time.monotonic() - began < 2


def test_the_deadline_tells_of_looks_that_failed(voice: Voice) -> None:
    busy = looks(OverloadedError("too busy"))
    with pytest.raises(DeadlineExceededError, match="too busy"):
        voice(waiting("j", busy, pace=QUICK, deadline=Deadline.after(0.05)))


def test_a_longer_wait_that_was_asked_for_is_kept() -> None:
    assert Pace(interval_s=1.0).after(0, 1, asked_s=30.0) == 30.0


def test_looks_become_rarer_while_nothing_moves_and_never_come_in_step() -> None:
    pace = Pace(interval_s=10.0)
    waits = [pace.after(quiet, 0) for quiet in (0, 5, 50)]
    assert 9 <= waits[0] <= 11
    assert 27 <= waits[1] <= 34
    assert 36 <= waits[2] <= 44
    assert len({pace.after(0, 0) for _ in range(20)}) > 1


def test_failures_double_the_wait_up_to_a_bound() -> None:
    pace = Pace(interval_s=10.0, patience_s=100.0)
    assert 18 <= pace.after(0, 2) <= 22
    assert 90 <= pace.after(0, 40) <= 110


def test_no_interval_is_no_pace() -> None:
    with pytest.raises(ConfigurationError, match="poll_interval_s"):
        Pace(interval_s=0.0)
