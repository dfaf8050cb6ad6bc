"""The tasks as a worker process runs them: layers around one call of a kit or a pipeline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from racto.core.errors import ConfigurationError
from racto.core.records import revived
from racto.core.secrets import redact
from racto.core.tools import ToolRegistry

from .attempts import AttemptedTask
from .backends import impatient
from .factories import ProcessLocal
from .names import is_mistakable
from .payloads import GeneratePayload, IngestPayload, Payload, unpacked
from .retry import RetryConfig
from .settings import TaskLimits
from .trimming import trimmed_chunks, trimmed_response

Kind: TypeAlias = Literal["generate", "ingest"]
PROGRESS = "PROGRESS"
"""Celery state of a running task that has told how far it is."""

_log = logging.getLogger("racto.celery")
_PAUSE_S = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """What the tasks of one worker work with.

    Attributes:
        kit: The chat kit of each process.
        rag: The pipeline of each process, when there is one.
        retry: When a failed task runs again.
        limits: Limits of time and size.
        tools: Tools that requests may name.
        trusted: Modules that may be imported for response models.
        layers: What is around each task, outermost first.
    """

    kit: ProcessLocal
    rag: ProcessLocal | None
    retry: RetryConfig
    limits: TaskLimits
    tools: ToolRegistry | None = None
    trusted: Sequence[str] = ()
    layers: Sequence[TaskLayer] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRun:
    """One run of one task, as its layers see it.

    Attributes:
        task_id: Id of the task; the same in each of its runs.
        name: Name of the task.
        kind: What it does.
        attempt: Number of this run, from 1; a delivery that is repeated has the same number.
        headers: Headers that came with the message.
        payload: What it was sent.
        workshop: What it works with.
        task: Celery's task, whose ``request`` says the rest.
    """

    task_id: str
    name: str
    kind: Kind
    attempt: int
    headers: Mapping[str, Any]
    payload: Payload
    workshop: Workshop
    task: Any
    _told: list[float] = field(default_factory=lambda: [float("-inf")], repr=False)

    def report(self, done: float, total: float = 1.0, note: str = "") -> None:
        """Tell how far the task is; kept in the result back end as state ``PROGRESS``.

        At most twice a second, the end excepted. A back end that cannot be reached is logged:
        the task is worth more than its progress.

        Args:
            done: What is done.
            total: What there is to do; above 0.
            note: A few words, without secrets.
        """
        now = time.monotonic()
        if self.task.request.is_eager or (done < total and now - self._told[0] < _PAUSE_S):
            return
        # Before the attempt: a back end that is away must not be asked at every step.
        self._told[0] = now
        facts = {"done": done, "total": total, "note": redact(note)[:200]}
        try:
            impatient(self.task.backend).store_result(
                self.task_id, facts, PROGRESS, request=self.task.request
            )
        # Whatever client the back end has: its errors have no common root.
        except Exception as error:
            _log.warning("%s[%s]: progress not told: %s", self.name, self.task_id, error)


Call: TypeAlias = Callable[[], Any]


@runtime_checkable
class TaskLayer(Protocol):
    """Something around every task: rate limits, idempotency, telemetry, streaming.

    Made where the worker is made, and so before the fork: connections belong to the first use.
    """

    def outgoing(self, kind: Kind, task_id: str) -> Mapping[str, str]:
        """Headers that travel with a task which is being sent; may be empty."""
        ...

    def around(self, run: TaskRun, call: Call) -> Any:
        """Run the task in a worker.

        Args:
            run: The run.
            call: Does the work, or enters the next layer; returns the result as JSON data.

        Returns:
            The result: ``call``'s own as a rule, or another without calling it.

        Raises:
            RactoGatewayError: What ``call`` raises; or to refuse. Retryable errors are retried.
        """
        ...


class RactoTask(AttemptedTask):
    """Root of the tasks that use kit and pipeline; a subclass is made for each worker of an app."""

    abstract = True
    workshop: ClassVar[Workshop]
    kind: ClassVar[Kind]

    def work(self, text: str) -> Any:
        """The result of one run, as JSON data."""
        payload: GeneratePayload | IngestPayload
        if self.kind == "generate":
            payload = unpacked(GeneratePayload, text)
        else:
            payload = unpacked(IngestPayload, text)
        self._check(payload)
        run = self._run_of(payload)
        call: Call
        if isinstance(payload, GeneratePayload):
            call = partial(answered, run, payload)
        else:
            call = partial(ingested, run, payload)
        for layer in reversed(self.workshop.layers):
            call = partial(layer.around, run, call)
        return call()

    def _check(self, payload: Payload) -> None:
        mine = self.workshop.kit.label
        if payload.kit not in ("", mine) and is_mistakable(self.app):
            raise ConfigurationError(
                f"task {self.name} was sent for the kit {payload.kit}, and here its kit is {mine}: "
                "workers of one app are numbered in the order in which they are made; give each a "
                "name=..."
            )

    def _run_of(self, payload: Payload) -> TaskRun:
        request = self.request
        return TaskRun(
            task_id=request.id or "",
            name=self.name,
            kind=self.kind,
            attempt=request.retries + 1,
            headers=dict(request.headers or {}),
            payload=payload,
            workshop=self.workshop,
            task=self,
        )


def answered(run: TaskRun, payload: GeneratePayload) -> dict[str, Any]:
    """Ask the kit, and return its reply as JSON data.

    Raises:
        RactoGatewayError: What the kit raises, or that the request does not fit this worker.
    """
    shop = run.workshop
    config = payload.request(tools=shop.tools, trusted=shop.trusted)
    return trimmed_response(shop.kit.get().chat(config), shop.limits.result_bytes)


def ingested(run: TaskRun, payload: IngestPayload) -> list[dict[str, Any]]:
    """Ingest the document, and return its chunks as JSON data without vectors.

    Raises:
        RactoGatewayError: What the pipeline raises, or that this worker has none.
    """
    shop = run.workshop
    if shop.rag is None:
        raise ConfigurationError(f"{run.name} needs a pipeline; make its worker with rag=...")
    chunks = shop.rag.get().ingest(payload.path, **revived(payload.metadata))
    return trimmed_chunks(chunks, shop.limits.result_bytes)
