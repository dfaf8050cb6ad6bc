"""Spans and measurements of a run: one span for all of it, one for each step inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from racto.core.flows import Flow
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.telemetry import NOOP_METRICS, NOOP_TRACER, captures_content, error_type
from racto.core.telemetry.conventions import CONVERSATION_ID, ERROR_TYPE

from .drafts import Draft
from .results import SQLAnalystResult

T = TypeVar("T")

RUNS = "racto.sql_analyst.runs"
"""Counts runs, by ``dialect`` and ``error.type``."""

DURATION = "racto.sql_analyst.step.duration"
"""Seconds of a step, by ``step``."""

REJECTED = "racto.sql_analyst.rejected"
"""Counts statements and code that were refused or failed, by ``error.type``."""

ROWS = "racto.sql_analyst.rows"
"""Rows of a result."""


class Observer:
    """Tells a tracer and metrics of a run.

    Args:
        tracer: Gets the spans; None for nobody.
        metrics: Gets the measurements; None for nobody.
    """

    def __init__(self, tracer: Tracer | None, metrics: Metrics | None) -> None:
        self._tracer: Tracer = tracer or NOOP_TRACER
        self._metrics: Metrics = metrics or NOOP_METRICS

    def within(
        self, name: str, flow: Flow[T], attributes: Mapping[str, Any] | None = None
    ) -> Flow[T]:
        """Run a flow inside a span.

        Args:
            name: What is done.
            flow: The steps.
            attributes: Facts known before it.
        """
        with self._tracer.span(f"sql_analyst {name}", kind="internal", attributes=attributes):
            return (yield from flow)

    def facts(self, draft: Draft) -> dict[str, Any]:
        """What a span of a whole run is told; the question only where content is wanted."""
        inquiry = draft.inquiry
        facts: dict[str, Any] = {
            CONVERSATION_ID: inquiry.session_id,
        }
        if captures_content(self._tracer):
            facts["racto.sql_analyst.question"] = inquiry.question
        return facts

    def measure(self, draft: Draft, result: SQLAnalystResult, error: BaseException | None) -> None:
        """Note what a run came to."""
        metrics = self._metrics
        # Nobody listens, as in most programs.
        if metrics is NOOP_METRICS:
            return
        failed = None if error is None else error_type(error)
        metrics.count(RUNS, 1, {"dialect": result.dialect, ERROR_TYPE: failed})
        for step, seconds in result.timings.items():
            metrics.record(DURATION, seconds, {"step": step})
        for attempt in draft.attempts:
            metrics.count(REJECTED, 1, {"step": attempt.step, ERROR_TYPE: attempt.error_type})
        if draft.rows is not None:
            metrics.record(ROWS, draft.rows.row_count)
