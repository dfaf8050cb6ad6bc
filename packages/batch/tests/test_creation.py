"""Creating once: what surely failed is tried again, what may have worked is looked for first."""

from __future__ import annotations

import httpx2
import pytest

from racto.batch.creation import created_once
from racto.batch.hosts import RemoteJob
from racto.batch.jobs import BatchStatus
from racto.core import (
    NO_DEADLINE,
    APIConnectionError,
    BadRequestError,
    InvalidResponseError,
    RactoGatewayError,
    RateLimitError,
    RetryPolicy,
    ServerError,
)
from racto.core.flows import Flow, run

JOB = RemoteJob(job_id="job-1", status=BatchStatus.PENDING)


class Desk:
    """Takes orders: each call has the next end, and what was really done is kept."""

    def __init__(self, *ends: RactoGatewayError | None, done: int = 0) -> None:
        self.ends = list(ends)
        self.calls: list[str] = []
        # The call from which on the job exists, whatever its caller was told.
        self._done = done

    def create(self) -> Flow[RemoteJob]:
        self.calls.append("create")
        end = self.ends.pop(0) if self.ends else None
        if end is not None:
            raise end
        return JOB
        yield  # a flow that asks for nothing

    def find(self) -> Flow[RemoteJob | None]:
        self.calls.append("find")
        return JOB if 0 < self._done <= self.calls.count("create") else None
        yield


def ordered(desk: Desk) -> RemoteJob:
    policy = RetryPolicy(attempts=3, base=0.0)
    return run(created_once(desk.create, desk.find, retries=policy, deadline=NO_DEADLINE))


def unsent() -> APIConnectionError:
    error = APIConnectionError("nobody there")
    error.__cause__ = httpx2.ConnectError("nobody there")
    return error


def test_what_works_is_done_once() -> None:
    desk = Desk()
    assert ordered(desk) == JOB
    assert desk.calls == ["create"]


@pytest.mark.parametrize(
    "error", [RateLimitError("slowly", status_code=429), unsent()], ids=["refused", "unsent"]
)
def test_what_surely_was_not_done_is_tried_again_at_once(error: RactoGatewayError) -> None:
    desk = Desk(error)
    assert ordered(desk) == JOB
    assert desk.calls == ["create", "create"]


@pytest.mark.parametrize(
    "error",
    [ServerError("broken", status_code=500), APIConnectionError("cut"), ServerError("cut")],
    ids=["status", "line", "unknown"],
)
def test_what_may_have_been_done_is_looked_for_first(error: RactoGatewayError) -> None:
    done = Desk(error, done=1)
    assert ordered(done) == JOB
    assert done.calls == ["create", "find"]
    undone = Desk(error)
    assert ordered(undone) == JOB
    assert undone.calls == ["create", "find", "create"]


def test_a_doubt_stays_though_a_later_try_was_surely_refused() -> None:
    desk = Desk(APIConnectionError("cut"), RateLimitError("slowly", status_code=429))
    assert ordered(desk) == JOB
    assert desk.calls == ["create", "find", "create", "find", "create"]


def test_an_answer_that_nobody_understands_may_be_a_yes() -> None:
    garbled = InvalidResponseError("what?")
    desk = Desk(garbled, done=1)
    assert ordered(desk) == JOB
    assert desk.calls == ["create", "find"]
    with pytest.raises(InvalidResponseError) as caught:
        ordered(Desk(garbled))
    assert caught.value.retryable


def test_a_refusal_for_good_is_raised() -> None:
    desk = Desk(BadRequestError("no", status_code=400))
    with pytest.raises(BadRequestError):
        ordered(desk)
    assert desk.calls == ["create"]


def test_a_refusal_after_a_doubt_is_not_final() -> None:
    desk = Desk(APIConnectionError("cut"), BadRequestError("no", status_code=400))
    with pytest.raises(BadRequestError) as caught:
        ordered(desk)
    assert caught.value.retryable
    assert "the job may exist" in caught.value.__notes__[-1]


def test_all_attempts_may_fail() -> None:
    desk = Desk(*[ServerError("broken", status_code=500)] * 3)
    with pytest.raises(ServerError) as caught:
        ordered(desk)
    assert "attempts made: 3" in "".join(caught.value.__notes__)
    assert desk.calls == ["create", "find", "create", "find", "create"]
