"""Traces and metrics: no-op by default, in memory for tests, OpenTelemetry as an extra."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .hooks import (
        NOOP_METRICS as NOOP_METRICS,
        NOOP_SPAN as NOOP_SPAN,
        NOOP_TRACER as NOOP_TRACER,
        NoopMetrics as NoopMetrics,
        NoopSpan as NoopSpan,
        NoopTracer as NoopTracer,
        captures_content as captures_content,
        error_type as error_type,
    )
    from .otel import (
        OTelMetrics as OTelMetrics,
        OTelSpan as OTelSpan,
        OTelTracer as OTelTracer,
    )
    from .recording import (
        RecordedEvent as RecordedEvent,
        RecordedSpan as RecordedSpan,
        RecordingMetrics as RecordingMetrics,
        RecordingTracer as RecordingTracer,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "hooks": "NOOP_METRICS NOOP_SPAN NOOP_TRACER NoopMetrics NoopSpan NoopTracer "
        "captures_content error_type",
        "otel": "OTelMetrics OTelSpan OTelTracer",
        "recording": "RecordedEvent RecordedSpan RecordingMetrics RecordingTracer",
    },
)
