"""Telemetry of tasks: the trace of whoever sent one goes on in the worker that runs it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, runtime_checkable

from celery.exceptions import TaskPredicate  # type: ignore[import-untyped]

from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.telemetry import NOOP_METRICS, error_type
from racto.core.telemetry.conventions import ERROR_TYPE, RACTO_ATTEMPT

from .tasks import Call, Kind, TaskRun

METRIC_TASKS = "racto.celery.tasks"
METRIC_DURATION = "racto.celery.task.duration"

_MOST_HEADERS = 64
_LONGEST_HEADER = 8192


@runtime_checkable
class ContextCarrier(Protocol):
    """The power of a tracer to carry its context from one process to another."""

    def carry(self) -> Mapping[str, str]:
        """Headers that say which span is current here; empty without one."""
        ...

    def carried(self, headers: Mapping[str, str]) -> AbstractContextManager[Any]:
        """Make the span that headers tell of the parent of those opened in the block."""
        ...


class TelemetryLayer:
    """Opens a span around each run, counts runs, and carries the sender's context along.

    The context needs a tracer with the power of a :class:`ContextCarrier`; with another one a
    run's span begins a trace of its own.

    Args:
        tracer: Opens the spans.
        metrics: Takes ``racto.celery.tasks`` and ``racto.celery.task.duration`` (seconds).
    """

    def __init__(self, tracer: Tracer, *, metrics: Metrics = NOOP_METRICS) -> None:
        self._tracer, self._metrics = tracer, metrics

    def outgoing(self, kind: Kind, task_id: str) -> Mapping[str, str]:
        """The sender's context, as headers."""
        if not isinstance(self._tracer, ContextCarrier):
            return {}
        return _safe(self._tracer.carry())

    def around(self, run: TaskRun, call: Call) -> Any:
        """Run the task in a span.

        Raises:
            RactoGatewayError: What the task raises.
        """
        began, outcome = time.perf_counter(), "success"
        facts = {
            "messaging.system": "celery",
            "messaging.operation.type": "process",
            "messaging.destination.name": run.name,
            "messaging.message.id": run.task_id,
            RACTO_ATTEMPT: run.attempt,
        }
        with self._context(run):
            span = self._tracer.span(f"process {run.name}", kind="consumer", attributes=facts)
            with span:
                try:
                    return call()
                except TaskPredicate as sign:
                    # Put off or ignored: the span must not show a failure.
                    outcome = "deferred"
                    span.set_attribute("racto.celery.outcome", type(sign).__name__)
                    held = sign
                except BaseException as error:
                    outcome = error_type(error)
                    raise
                finally:
                    self._measure(run, time.perf_counter() - began, outcome)
        raise held

    def _context(self, run: TaskRun) -> AbstractContextManager[Any]:
        if not isinstance(self._tracer, ContextCarrier):
            return nullcontext()
        return self._tracer.carried(_safe(run.headers))

    def _measure(self, run: TaskRun, seconds: float, outcome: str) -> None:
        labels = {"task": run.name, "outcome": outcome}
        if outcome not in ("success", "deferred"):
            labels = {"task": run.name, "outcome": "failure", ERROR_TYPE: outcome}
        self._metrics.count(METRIC_TASKS, 1, labels)
        self._metrics.record(METRIC_DURATION, seconds, labels)


def _safe(headers: Mapping[str, Any]) -> dict[str, str]:
    """Short texts only: headers come from whoever can write to the broker."""
    found = {
        name: value
        for name, value in headers.items()
        if isinstance(value, str) and len(value) <= _LONGEST_HEADER
    }
    return dict(list(found.items())[:_MOST_HEADERS])
