"""What is noted of each call: an audit record, a span, and measurements; all by protocol."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from racto.core.flows import Flow
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Span, Tracer
from racto.core.telemetry import NOOP_SPAN, captures_content, error_type
from racto.core.telemetry.conventions import (
    CONVERSATION_ID,
    ERROR_TYPE,
    INPUT_MESSAGES,
    METRIC_CACHE_HITS,
    METRIC_CACHE_MISSES,
    OUTPUT_MESSAGES,
    REQUEST_MODEL,
)

from .results import ClassifierResult
from .settings import ClassifierSettings, Wishes
from .voices import voice

METRIC_DURATION = "racto.classifier.duration"
METRIC_CORRECTIONS = "racto.classifier.corrections"
METRIC_RETRIES = "racto.classifier.retries"
"""Seconds a call; and how many replies were corrected, or asked for again."""


class Moment(NamedTuple):
    """When a call began.

    Attributes:
        wall: For people.
        ticks: In seconds, to measure from.
    """

    wall: datetime
    ticks: float


class Observer:
    """Notes each call, whatever came of it.

    Args:
        settings: The pipeline's settings.
        model: Which model answers.
        audit_logger: Keeps ``AuditLogger``.
        tracer: Opens a span a call.
        metrics: Takes measurements.
        counts_hits: Whether there is a cache, whose misses count.
    """

    def __init__(
        self,
        settings: ClassifierSettings,
        *,
        model: str,
        audit_logger: Any,
        tracer: Tracer | None,
        metrics: Metrics | None,
        counts_hits: bool,
    ) -> None:
        self._content = settings.audit_content
        self._model = model
        self._log = (
            voice(audit_logger, "log", role="audit_logger") if audit_logger is not None else None
        )
        self._tracer = tracer
        self._metrics = metrics
        self._counts_hits = counts_hits

    @property
    def is_idle(self) -> bool:
        """Whether nobody wants to know anything."""
        return self._log is None and self._tracer is None and self._metrics is None

    def now(self) -> Moment:
        """The beginning of a call."""
        return Moment(datetime.now(UTC), time.perf_counter())

    def span(self, wishes: Wishes, text: str) -> Span:
        """A span for one call, not yet entered.

        Args:
            wishes: What the call asks for.
            text: The text; noted only where the tracer wants content.
        """
        if self._tracer is None:
            return NOOP_SPAN
        facts: dict[str, Any] = {
            REQUEST_MODEL: self._model or None,
            CONVERSATION_ID: wishes.session_id,
            "racto.classifier.mode": wishes.selection_mode,
        }
        if captures_content(self._tracer):
            facts[INPUT_MESSAGES] = text
        known = {name: value for name, value in facts.items() if value is not None}
        return self._tracer.span("classify", kind="internal", attributes=known)

    def note(self, span: Span, result: ClassifierResult, *, error: Exception | None) -> None:
        """Put the outcome on a span.

        Args:
            span: The call's span.
            result: What came of it.
            error: Why there is no answer.
        """
        if self._tracer is None:
            return
        if error is not None:
            span.record_error(error)
            return
        span.set_attributes(
            {
                "racto.classifier.options": len(result.options_provided),
                "racto.classifier.selected": len(result.selected),
                "racto.classifier.confidence": result.top_confidence,
                "racto.classifier.corrected": result.fuzzy_corrected,
                "racto.classifier.uncertain": result.uncertain,
                "racto.classifier.cache": result.cache_hit,
                "racto.classifier.retries": result.usage.retry_count,
            }
        )
        if captures_content(self._tracer):
            span.set_attribute(OUTPUT_MESSAGES, result.as_string())

    def measure(self, begun: Moment, result: ClassifierResult, *, error: Exception | None) -> None:
        """Measure one call.

        Args:
            begun: When it began.
            result: What came of it.
            error: Why there is no answer.
        """
        metrics = self._metrics
        if metrics is None:
            return
        outcome = "error" if error is not None else "uncertain" if result.uncertain else "chosen"
        labels: dict[str, Any] = {"outcome": outcome, "cache": result.cache_hit or "none"}
        if error is not None:
            labels[ERROR_TYPE] = error_type(error)
        metrics.record(METRIC_DURATION, time.perf_counter() - begun.ticks, labels)
        if result.fuzzy_corrected:
            metrics.count(METRIC_CORRECTIONS)
        if result.usage.retry_count:
            metrics.count(METRIC_RETRIES, result.usage.retry_count)
        # Without a cache every call would count as a miss.
        if self._counts_hits and error is None:
            metrics.count(METRIC_CACHE_HITS if result.cache_hit else METRIC_CACHE_MISSES)

    def audit(
        self, begun: Moment, result: ClassifierResult, wishes: Wishes, *, error: Exception | None
    ) -> Flow[None]:
        """Write the record of one call; what the logger raises is raised.

        Args:
            begun: When it began.
            result: What came of it.
            wishes: What was asked for.
            error: Why there is no answer.
        """
        if self._log is None:
            return
        entry = result.to_audit_entry(
            timestamp=begun.wall.isoformat().replace("+00:00", "Z"),
            user_id=wishes.user_id,
            session_id=wishes.session_id,
            latency_ms=(time.perf_counter() - begun.ticks) * 1000,
        )
        facts: Mapping[str, Any] = entry.model_dump(mode="json", exclude={"user_query"})
        if not self._content:
            # An error's words and a reason may quote the text.
            told = type(error).__name__ if error is not None else None
            facts = {**facts, "reasoning": None, "error": told}
        yield self._log(
            user_id=wishes.user_id or "",
            model=self._model,
            prompt=result.user_query if self._content else "",
            response=result.as_string() if error is None else str(facts["error"]),
            metadata=facts,
        )
