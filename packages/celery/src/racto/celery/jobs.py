"""A job queue on a Celery app: functions of JSON by name, run by its workers, known by their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, TypeAlias
from uuid import UUID, uuid4, uuid5

from celery import states  # type: ignore[import-untyped]
from celery.backends.rpc import RPCBackend  # type: ignore[import-untyped]

from racto.core.errors import ConfigurationError, JobError, RactoGatewayError
from racto.core.flows import Flow, arun, run, step, threaded
from racto.core.protocols.jobs import JobState, JobStatus

from .addresses import broker_of, result_host_of
from .attempts import AttemptedTask
from .backends import backend_of, check_reachable, impatient
from .factories import imported
from .failures import translated
from .names import claimed
from .payloads import JobPayload, unpacked
from .processes import attended
from .results import TaskResult, TaskStatus, read, result_of
from .retry import RetryConfig
from .settings import Delivery, TaskLimits, check_app
from .trimming import bounded
from .waiting import waiting

Job: TypeAlias = Callable[[dict[str, Any]], Any]
"""Takes a job's payload, and returns JSON data; an error that says so is retried."""

_IDS = UUID("b6c1c5f0-0b8a-4d3d-8d0c-6b9d8a3a4f11")
"""Namespace of the job ids that are made from idempotency keys."""
_MARKS = UUID("0f9f6d5e-53b2-4a8e-9a43-1f6ef1c7c7d2")
"""Namespace of the records that say that a job was submitted."""
_STATES = {
    TaskStatus.PENDING: JobState.PENDING,
    TaskStatus.STARTED: JobState.RUNNING,
    TaskStatus.RETRY: JobState.RUNNING,
    TaskStatus.SUCCESS: JobState.SUCCEEDED,
    TaskStatus.FAILURE: JobState.FAILED,
    TaskStatus.REVOKED: JobState.CANCELLED,
}


class CeleryJobQueue:
    """Keeps :class:`~racto.core.protocols.jobs.JobQueue` with a Celery app.

    Make it at the top level of the module that makes the app, which senders and workers import
    alike. Each job is a task of its own. It runs at least once: a job whose worker is killed runs
    again, one that has succeeded does not, and its result is kept as long as the app keeps results
    (``result_expires``). So is the knowledge of its id and its key.

    Args:
        app: Your Celery app, with a broker and a result back end that all processes can read.
        jobs: Functions by the names under which they are submitted, or the import paths of such as
            ``package.module:function``.
        name: Name on the app, with which the tasks' names begin.
        retry_config: When a job that failed runs again.
        limits: Limits of time and size.
        queue: Celery queue to send to; the app's own when None.
        can_terminate: Whether :meth:`cancel` also ends the process that runs the job, with prefork
            pools only; otherwise a job that runs goes on.

    Raises:
        ConfigurationError: If the app uses pickle or refuses JSON, a job is no function or has no
            proper name, or the name is taken.
    """

    def __init__(
        self,
        app: Any,
        *,
        jobs: Mapping[str, Job | str],
        name: str = "jobs",
        retry_config: RetryConfig | None = None,
        limits: TaskLimits | None = None,
        queue: str | None = None,
        can_terminate: bool = False,
    ) -> None:
        check_app(app)
        self._app, self._queue, self._can_terminate = attended(app), queue, can_terminate
        self._limits = limits or TaskLimits()
        labels = {job: _label(job, source) for job, source in jobs.items()}
        claimed(app, name, ("jobs", "; ".join(f"{job}={at}" for job, at in sorted(labels.items()))))
        self._tasks = {
            job: _registered(app, f"{name}.{job}", source, retry_config, self._limits)
            for job, source in jobs.items()
        }

    def submit(
        self, name: str, payload: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> str:
        """Queue a job and return its id.

        Args:
            name: Name of the job.
            payload: Its argument, JSON-serialisable.
            idempotency_key: The same key returns the same job of this name, and sends it no more.

        Raises:
            JobError: If there is no job of this name.
            ConfigurationError: If the payload is no JSON or too large, the key is empty, or the app
                has no result back end that all processes can read.
            APIConnectionError: If broker or result back end cannot be reached. Where a note says
                that the job was sent, it runs, and the same key finds it again.
        """
        self._check()
        if (task := self._tasks.get(name)) is None:
            raise JobError(f"there is no job {name!r}; known are: {', '.join(self._tasks)}")
        delivery = Delivery(idempotency_key=idempotency_key, queue=self._queue)
        text = JobPayload.of(payload).packed(self._limits.payload_bytes)
        if idempotency_key is None:
            job_id = str(uuid4())
        else:
            job_id = str(uuid5(_IDS, f"{task.name}\0{idempotency_key}"))
            if self._is_known(job_id):
                return job_id
        what = f"sending job {task.name}"
        check_reachable(self._app, what)
        with translated(what, service="broker", at=partial(broker_of, self._app)):
            task.apply_async((text,), task_id=job_id, **delivery.options())
        self._mark(job_id, name)
        return job_id

    asubmit = threaded(submit)

    def status(self, job_id: str) -> JobStatus:
        """The job now.

        Raises:
            JobError: If the id is unknown, or known no more.
            APIConnectionError: If the result back end cannot be reached.
        """
        found = read(self._app, job_id)
        # Celery calls all that it does not know pending.
        if found.status is TaskStatus.PENDING and not self._is_known(job_id):
            raise JobError(f"there is no job with the id {job_id!r} in this queue, or no more")
        return _status(found)

    astatus = threaded(status)

    def join(self, job_id: str, *, timeout: float | None = None) -> JobStatus:
        """Block until the job has ended, or the time is up.

        Args:
            job_id: The job.
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            JobError: If the id is unknown.
            APIConnectionError: If the result back end cannot be reached for 15 seconds.
            RuntimeError: Inside a task, where waiting for another could block all workers.
        """
        return run(self._joining(job_id, timeout))

    async def ajoin(self, job_id: str, *, timeout: float | None = None) -> JobStatus:
        """Async twin of :meth:`join`."""
        return await arun(self._joining(job_id, timeout))

    def cancel(self, job_id: str) -> None:
        """Ask that the job is not run; fine if it has ended.

        The workers that run now are asked; one that starts later does not know of it.

        Raises:
            JobError: If the id is unknown.
            APIConnectionError: If broker or result back end cannot be reached.
        """
        if self.status(job_id).state.is_final:
            return
        at = partial(broker_of, self._app)
        with translated(f"cancelling job {job_id}", service="broker", at=at):
            self._app.control.revoke(job_id, terminate=self._can_terminate)

    acancel = threaded(cancel)

    def _joining(self, job_id: str, timeout: float | None) -> Flow[JobStatus]:
        found = yield from step(self.status, self.astatus, job_id)
        if found.state.is_final:
            return found
        ended = yield from waiting(self._app, [job_id], timeout)
        return _status(ended[0])

    def _check(self) -> None:
        # Settings can change after the queue was made.
        check_app(self._app)
        if isinstance(backend_of(self._app), RPCBackend):
            raise ConfigurationError(
                "a job queue needs a result back end that every process can read, and rpc:// sends "
                "results to one alone; set result_backend to Redis or a database"
            )

    def _is_known(self, job_id: str) -> bool:
        return read(self._app, _mark_of(job_id)).ok

    def _mark(self, job_id: str, name: str) -> None:
        """Note that a job was sent: after it was, so that no key stands for one that never was."""
        at = partial(result_host_of, self._app)
        try:
            with translated("noting the job", service="result back end", at=at):
                # A record of its own: the job's belongs to whoever runs it.
                backend = impatient(backend_of(self._app))
                backend.store_result(_mark_of(job_id), {"job": name}, states.SUCCESS)
        except RactoGatewayError as error:
            error.add_note(f"job {job_id} was sent")
            raise


class JobTask(AttemptedTask):
    """Root of the tasks of jobs; a subclass is made for each job of each queue."""

    abstract = True
    kind = "job"
    source: ClassVar[tuple[Job | str]]
    limits: ClassVar[TaskLimits]

    def work(self, text: str) -> Any:
        """What the job returns, or what it returned before, when it is delivered once more."""
        payload = unpacked(JobPayload, text)
        known = None if self.request.is_eager else self._known()
        if known is not None and known.ok:
            return bounded(known.result, self.limits.result_bytes)
        (source,) = self.source
        job: Job = imported(source, "job") if isinstance(source, str) else source
        return bounded(job(payload.payload), self.limits.result_bytes)

    def _known(self) -> TaskResult:
        # With the worker's patience: without a back end there is no use in running.
        return result_of(self.request.id, self.backend.get_task_meta(self.request.id))


def _registered(
    app: Any, name: str, source: Job | str, retry: RetryConfig | None, limits: TaskLimits
) -> Any:
    facts = {
        "name": name,
        "source": (source,),
        "limits": limits,
        "retry_config": retry or RetryConfig(),
        "track_started": True,
        "soft_time_limit": limits.soft_time_s,
        "time_limit": limits.hard_time_s,
        "__module__": __name__,
    }
    app.tasks.pop(name, None)
    return app.register_task(type("WorkerJobTask", (JobTask,), facts)())


def _label(job: str, source: Any) -> str:
    if not job.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise ConfigurationError(f"jobs: {job!r}: use letters, digits, '.', '-' and '_'")
    if isinstance(source, str) and all(source.partition(":")):
        return source
    if not callable(source):
        raise ConfigurationError(
            f"jobs: {job!r} must be a function or its import path 'package.module:function', not "
            f"{source!r:.80}"
        )
    return f"{source.__module__}:{getattr(source, '__qualname__', type(source).__name__)}"


def _mark_of(job_id: str) -> str:
    return str(uuid5(_MARKS, job_id))


def _status(found: TaskResult) -> JobStatus:
    state = _STATES[found.status]
    return JobStatus(
        job_id=found.task_id,
        state=state,
        result=found.result if state is JobState.SUCCEEDED else None,
        error=found.error if state in (JobState.FAILED, JobState.CANCELLED) else None,
        progress=1.0 if state is JobState.SUCCEEDED else found.progress,
    )
