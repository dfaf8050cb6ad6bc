"""The default tracer and metrics: they do nothing, and cost next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from racto.core.protocols.tracing import Span, SpanKind


class NoopSpan:
    """A span that keeps nothing; one instance serves everybody."""

    __slots__ = ()

    def set_attribute(self, name: str, value: Any) -> None:
        """Do nothing."""

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Do nothing."""

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Do nothing."""

    def record_error(self, error: BaseException) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


class NoopTracer:
    """A tracer whose spans keep nothing."""

    __slots__ = ()

    def span(
        self,
        name: str,
        *,
        kind: SpanKind = "client",
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """The span that does nothing."""
        return NOOP_SPAN


class NoopMetrics:
    """Metrics that keep nothing."""

    __slots__ = ()

    def count(
        self, name: str, value: float = 1, attributes: Mapping[str, Any] | None = None
    ) -> None:
        """Do nothing."""

    def record(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Do nothing."""

    def gauge(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Do nothing."""


# Shared by everybody: a call without telemetry allocates nothing.
NOOP_SPAN = NoopSpan()
NOOP_TRACER = NoopTracer()
NOOP_METRICS = NoopMetrics()


def captures_content(tracer: Any) -> bool:
    """Whether a tracer opted in to prompts and replies; by default none does."""
    # An optional power, so that a tracer written without it stays a Tracer.
    return bool(getattr(tracer, "capture_content", False))


def error_type(error: BaseException) -> str:
    """The value of ``error.type``: the HTTP status when there is one, else the class."""
    status = getattr(error, "status_code", None)
    return str(status) if status else type(error).__qualname__
