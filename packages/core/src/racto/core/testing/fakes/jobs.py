"""A job queue that runs each job as it is submitted, and the jobs that the contract asks for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from racto.core.errors import ConfigurationError, JobError
from racto.core.flows import threaded
from racto.core.protocols.jobs import JobState, JobStatus


def echo(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload."""
    return dict(payload)


def fail(payload: Mapping[str, Any]) -> None:
    """Raise an error that says the payload's ``reason``.

    Raises:
        JobError: Always.
    """
    raise JobError(str(payload.get("reason", "this job always fails")))


SAMPLE_JOBS: dict[str, Callable[[Mapping[str, Any]], Any]] = {"echo": echo, "fail": fail}
"""The jobs that a queue under contract must know, by name."""


class InlineQueue:
    """Runs jobs in the thread that submits them.

    Args:
        jobs: Functions by the names under which they are submitted.
    """

    def __init__(self, jobs: Mapping[str, Callable[[Mapping[str, Any]], Any]]) -> None:
        self._jobs = dict(jobs)
        self._ended: dict[str, JobStatus] = {}
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()

    def submit(
        self, name: str, payload: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> str:
        """Run a job and return its id.

        Args:
            name: Name of the job.
            payload: Its argument, JSON-serialisable.
            idempotency_key: The same key returns the same job.

        Raises:
            JobError: If there is no job of this name.
            ConfigurationError: If the payload is no JSON data.
        """
        if name not in self._jobs:
            raise JobError(f"there is no job {name!r}; known are: {', '.join(self._jobs)}")
        # Through JSON, as a real queue would send it: what cannot travel fails here too.
        argument = json.loads(_text(payload))
        new = uuid4().hex
        with self._lock:
            # Atomic, so that two callers with one key run one job.
            job_id = self._keys.setdefault(idempotency_key, new) if idempotency_key else new
        if job_id == new:
            self._ended[job_id] = self._run(job_id, name, argument)
        return job_id

    asubmit = threaded(submit)

    def status(self, job_id: str) -> JobStatus:
        """The job now.

        Raises:
            JobError: If the id is unknown.
        """
        if job_id not in self._ended:
            raise JobError(f"there is no job with the id {job_id!r} in this queue")
        return self._ended[job_id]

    astatus = threaded(status)

    def join(self, job_id: str, *, timeout: float | None = None) -> JobStatus:
        """The job, which has ended already; ``timeout`` is of no use here."""
        return self.status(job_id)

    ajoin = threaded(join)

    def cancel(self, job_id: str) -> None:
        """Nothing is left to cancel."""
        self.status(job_id)

    acancel = threaded(cancel)

    def _run(self, job_id: str, name: str, payload: dict[str, Any]) -> JobStatus:
        try:
            result = self._jobs[name](payload)
        # Whatever a job raises is its result; the queue must survive it.
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            return JobStatus(job_id=job_id, state=JobState.FAILED, error=text)
        return JobStatus(job_id=job_id, state=JobState.SUCCEEDED, result=result, progress=1.0)


def _text(payload: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(payload))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"the job's payload is no JSON data: {error}") from error
