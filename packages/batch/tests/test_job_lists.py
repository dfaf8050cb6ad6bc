"""Lists of jobs: as many pages as are needed, and never one without end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from racto.batch.hosts import RemoteJob
from racto.batch.job_lists import Page, created_since, latest, only
from racto.batch.jobs import BatchStatus
from racto.core import NO_DEADLINE, Deadline, JobError
from racto.core.flows import Flow, run

DAY = 24 * 3600.0


def job(number: int) -> RemoteJob:
    return RemoteJob(
        job_id=f"job-{number}", status=BatchStatus.PENDING, created_at=number * DAY, tag="t"
    )


class Book:
    """Pages of two jobs, the newest first; some providers lie about the end."""

    def __init__(self, count: int, *, endless: bool = False) -> None:
        self.jobs = [job(number) for number in range(count, 0, -1)]
        self.turned: list[int] = []
        self._endless = endless

    def turn(self, start: str | None, size: int, deadline: Deadline) -> Flow[Page]:
        self.turned.append(size)
        at = int(start or 0)
        found: Sequence[RemoteJob] = self.jobs[at : at + min(size, 2)]
        more = self._endless or at + 2 < len(self.jobs)
        return Page(jobs=found, next=str(at + 2) if more else None)
        yield  # a flow that asks for nothing


def test_the_latest_are_gathered_from_as_many_pages_as_it_takes() -> None:
    book = Book(7)
    assert run(latest(book.turn, 5, deadline=NO_DEADLINE)) == book.jobs[:5]
    assert book.turned == [5, 3, 1]
    assert run(latest(Book(3).turn, 99, deadline=NO_DEADLINE)) == Book(3).jobs
    assert run(latest(Book(0).turn, 5, deadline=NO_DEADLINE)) == []
    assert run(latest(book.turn, 0, deadline=NO_DEADLINE)) == []


def test_a_list_that_promises_more_for_ever_is_left() -> None:
    book = Book(4, endless=True)
    assert len(run(latest(book.turn, 99, deadline=NO_DEADLINE))) == 4
    assert len(run(created_since(book.turn, 0.0, deadline=NO_DEADLINE))) == 4


def test_old_pages_are_not_turned() -> None:
    book = Book(20)
    found = run(created_since(book.turn, 17.5 * DAY, slack=0.0, deadline=NO_DEADLINE))
    assert [each.job_id for each in found] == ["job-20", "job-19", "job-18"]
    assert len(book.turned) == 3


def test_a_clock_may_be_a_day_behind() -> None:
    found = run(created_since(Book(20).turn, 19.5 * DAY, deadline=NO_DEADLINE))
    assert [each.job_id for each in found] == ["job-20", "job-19"]


def test_one_job_of_several_is_told_apart_or_the_doubt_is() -> None:
    assert only([], (), provider="p", what="t") is None
    assert only([job(1), job(1)], (), provider="p", what="t") == job(1)
    assert only([job(1), job(2)], {"job-2"}, provider="p", what="t") == job(1)
    with pytest.raises(JobError, match="2 jobs could be the one of order 't': job-1, job-2"):
        only([job(1), job(2)], (), provider="p", what="t")


def test_a_doubt_ends_when_the_superfluous_jobs_are_cancelled() -> None:
    given_up = replace(job(2), status=BatchStatus.CANCELLED)
    assert only([job(1), given_up], (), provider="p", what="t") == job(1)
    assert only([given_up], (), provider="p", what="t") == given_up
