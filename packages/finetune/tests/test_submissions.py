"""A job is made again only when it is certain that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    RactoGatewayError,
    RateLimitError,
    ServerError,
)
from racto.core.flows import Flow, arun, run
from racto.core.retries import RetryPolicy
from racto.finetune.jobs import TuningJob, TuningState
from racto.finetune.submissions import new_mark, submitted

JOB = TuningJob(job_id="j", provider="openai", state=TuningState.QUEUED, status="queued")
QUICK = RetryPolicy(attempts=4, base=0.001)


def telling(*answers: Any) -> Callable[[], Flow[Any]]:
    """A call that tells one thing after another; errors are raised."""
    told: Iterator[Any] = iter(answers)

    def call() -> Flow[Any]:
        answer = next(told)
        yield from ()
        if isinstance(answer, RactoGatewayError):
            raise answer
        return answer

    return call


LOST, DOWN, SLOW = APIConnectionError("lost"), ServerError("down"), RateLimitError("slow")


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ([JOB], []),
        ([LOST], [JOB]),
        ([DOWN, JOB], [None]),
        ([SLOW, SLOW, JOB], []),
        ([LOST], [LOST, DOWN, JOB]),
        ([LOST, DOWN], [None, JOB]),
        ([SLOW, LOST], [JOB]),
    ],
    ids=["at once", "lost", "not made", "slow", "search lost", "twice", "slow and lost"],
)
async def test_there_is_one_job_in_the_end(made: list[Any], found: list[Any]) -> None:
    assert run(submitted(telling(*made), telling(*found), QUICK)) is JOB
    assert await arun(submitted(telling(*made), telling(*found), QUICK)) is JOB


@pytest.mark.parametrize(
    ("made", "found", "notes"),
    [
        ([BadRequestError("no")], [], 0),
        ([SLOW] * 4, [], 0),
        ([LOST], None, 1),
        ([LOST], [LOST] * 3, 1),
        ([DOWN] * 4, [None] * 3, 1),
    ],
    ids=["refused", "always slow", "nothing to find it by", "search lost", "always down"],
)
def test_it_is_said_when_there_may_be_one_all_the_same(
    made: list[Any], found: list[Any] | None, notes: int
) -> None:
    made = [type(error)(str(error)) for error in made]
    with pytest.raises(RactoGatewayError) as caught:
        run(submitted(telling(*made), telling(*found) if found is not None else None, QUICK))
    told = getattr(caught.value, "__notes__", [])
    assert sum("look at list_jobs()" in note for note in told) == notes


def test_marks_differ() -> None:
    assert len({new_mark() for _ in range(100)}) == 100
    assert new_mark().isalnum()
