"""The contract of job queues: every job ends, with its result or with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from racto.core.errors import JobError, RactoGatewayError
from racto.core.protocols.jobs import JobQueue, JobState, JobStatus

from .contract import Contract
from .voices import Voice

PAYLOAD: dict[str, Any] = {"text": "Grüße", "n": [1, 2.5, None, True], "deep": {"a": {}}}


class JobQueueContract(Contract, subject="queue", protocol=JobQueue):
    """All laws of a job queue.

    Give a fixture ``queue`` whose workers know the jobs of ``racto.core.testing.SAMPLE_JOBS``:
    ``echo`` returns its payload, and ``fail`` raises an error.
    """

    def test_job_gives_its_result(self, queue: JobQueue, voice: Voice) -> None:
        """A job that ends well has its result, whole, and a final state.

        If this fails: check that the worker runs, and how payload and result are serialised.
        """
        job_id = voice(queue, "submit", "echo", PAYLOAD)
        done: JobStatus = voice(queue, "join", job_id, timeout=30.0)
        assert done.job_id == job_id
        assert done.state is JobState.SUCCEEDED
        assert done.result == PAYLOAD
        assert done.error is None
        assert voice(queue, "status", job_id) == done
        # The result goes on to other processes.
        json.dumps(done.result)

    def test_failure_is_told(self, queue: JobQueue, voice: Voice) -> None:
        """A job that raises ends as failed and says why; waiting for it raises nothing.

        If this fails: keep the error's text with the job; a timeout is no failure.
        """
        job_id = voice(queue, "submit", "fail", {"reason": "no luck today"})
        done: JobStatus = voice(queue, "join", job_id, timeout=30.0)
        assert done.state is JobState.FAILED
        assert "no luck today" in (done.error or "")
        assert done.result is None

    def test_unknown_job_is_an_error(self, queue: JobQueue, voice: Voice) -> None:
        """Asking for an id that was never given raises ``JobError``.

        If this fails: keep track of submitted ids; some back ends call any unknown id pending.
        """
        # A queue that calls unknown jobs pending lets its caller wait for ever.
        for method in ("status", "join"):
            with pytest.raises(JobError):
                voice(queue, method, "never-submitted")

    def test_key_makes_one_job(self, queue: JobQueue, voice: Voice) -> None:
        """The same idempotency key gives the same job; without a key each job is new.

        If this fails: store the key together with the job's id, atomically.
        """
        one = voice(queue, "submit", "echo", {"n": 1}, idempotency_key="k")
        assert voice(queue, "submit", "echo", {"n": 1}, idempotency_key="k") == one
        # The payloads are equal on purpose: a hash of them is no idempotency key.
        others = {voice(queue, "submit", "echo", {"n": 1}) for _ in range(2)}
        others.add(voice(queue, "submit", "echo", {"n": 1}, idempotency_key="other"))
        assert len(others | {one}) == 4

    def test_key_finds_a_job_that_failed(self, queue: JobQueue, voice: Voice) -> None:
        """The same key returns the same job after it failed too, and does not run it again.

        If this fails: let a key lead to its job as long as the job is known, whatever its state.
        """
        key = f"failed-{uuid4()}"
        job_id = voice(queue, "submit", "fail", {"reason": "first"}, idempotency_key=key)
        failed = voice(queue, "join", job_id, timeout=30.0)
        again = voice(queue, "submit", "fail", {"reason": "second"}, idempotency_key=key)
        assert again == job_id
        assert voice(queue, "join", again, timeout=30.0) == failed

    def test_one_key_of_many_callers(self, queue: JobQueue, voice: Voice) -> None:
        """Callers who submit under one key at the same time get one job.

        If this fails: look the key up and store it in one step, or make the id of the key.
        """
        callers = _Keyed(queue, f"crowd-{uuid4()}")
        ids = voice.together(callers, "submit", [({"n": 1},) for _ in range(12)])
        assert len(set(ids)) == 1
        assert voice(queue, "join", ids[0], timeout=30.0).result == {"n": 1}

    def test_payload_that_is_no_json_is_refused(self, queue: JobQueue, voice: Voice) -> None:
        """What cannot travel is refused where it is submitted, by an error of racto's.

        If this fails: serialise the payload in ``submit``, and translate what the writer raises.
        """
        with pytest.raises(RactoGatewayError):
            voice(queue, "submit", "echo", {"text": object()})

    def test_time_that_is_up_is_no_failure(self, queue: JobQueue, voice: Voice) -> None:
        """Waiting for no time at all returns the job as it is, and does it no harm.

        If this fails: return the status when the time is up, instead of raising.
        """
        job_id = voice(queue, "submit", "echo", {"n": 1})
        now: JobStatus = voice(queue, "join", job_id, timeout=0.0)
        assert now.job_id == job_id
        # A queue may be quicker than this; one that is not must tell no failure.
        assert now.state is JobState.SUCCEEDED or not now.state.is_final
        assert voice(queue, "join", job_id, timeout=30.0).result == {"n": 1}

    def test_payload_is_not_followed(self, queue: JobQueue, voice: Voice) -> None:
        """A job gets its payload as it was when it was submitted.

        If this fails: serialise the payload in ``submit``.
        """
        payload = {"tags": ["a"]}
        job_id = voice(queue, "submit", "echo", payload)
        # A worker reads the payload later, perhaps on another machine.
        payload["tags"].append("b")
        assert voice(queue, "join", job_id, timeout=30.0).result == {"tags": ["a"]}

    def test_ended_job_can_be_cancelled(self, queue: JobQueue, voice: Voice) -> None:
        """Cancelling a job that has ended is fine and changes nothing.

        If this fails: look at the state first.
        """
        job_id = voice(queue, "submit", "echo", {"n": 1})
        done = voice(queue, "join", job_id, timeout=30.0)
        voice(queue, "cancel", job_id)
        assert voice(queue, "status", job_id) == done

    def test_many_callers_at_once(self, queue: JobQueue, voice: Voice) -> None:
        """Jobs submitted at the same time get each their own result.

        If this fails: check that results are stored under the job's own id.
        """
        ids = voice.together(queue, "submit", [("echo", {"n": n}) for n in range(12)])
        assert len(set(ids)) == 12
        done = [voice(queue, "join", job_id, timeout=30.0) for job_id in ids]
        assert [status.result for status in done] == [{"n": n} for n in range(12)]


class _Keyed:
    """Submits under one key, for calls that are made together."""

    def __init__(self, queue: JobQueue, key: str) -> None:
        self._queue, self._key = queue, key

    def submit(self, payload: Mapping[str, Any]) -> str:
        return self._queue.submit("echo", payload, idempotency_key=self._key)

    async def asubmit(self, payload: Mapping[str, Any]) -> str:
        return await self._queue.asubmit("echo", payload, idempotency_key=self._key)
