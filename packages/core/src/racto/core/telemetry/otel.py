"""OpenTelemetry behind racto's tracer and metrics; the one room that imports it.

Needs ``pip install "racto-core[otel]"``, and an OpenTelemetry SDK that the application sets up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

from racto.core.errors import MissingExtraError
from racto.core.protocols.tracing import Span, SpanKind
from racto.core.secrets import redact

from . import conventions
from .hooks import error_type

try:
    from opentelemetry import context, metrics, propagate, trace
except ImportError as missing:
    raise MissingExtraError(
        "opentelemetry-api", install="racto-core[otel]", purpose="OpenTelemetry tracing"
    ) from missing

_SCOPE = "racto"


class OTelSpan:
    """A racto span that is an OpenTelemetry span.

    Args:
        span: The OpenTelemetry span, already started.
    """

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._use: AbstractContextManager[Any] | None = None
        self._ended = False

    def set_attribute(self, name: str, value: Any) -> None:
        """Note one fact; None is ignored, and what OpenTelemetry cannot hold becomes text."""
        if value is not None:
            self._span.set_attribute(name, _plain(value))

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Note several facts; those that are None are ignored."""
        self._span.set_attributes(_clean(attributes))

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Note that something happened now."""
        self._span.add_event(name, _clean(attributes))

    def record_error(self, error: BaseException) -> None:
        """Mark the span as failed.

        Without OpenTelemetry's own ``record_exception``, whose stack trace repeats the message
        of every cause, secrets included.
        """
        message = redact(str(error))
        self._span.set_status(trace.Status(trace.StatusCode.ERROR, message))
        self._span.set_attribute(conventions.ERROR_TYPE, error_type(error))
        facts = {
            conventions.EXCEPTION_TYPE: type(error).__qualname__,
            conventions.EXCEPTION_MESSAGE: message,
        }
        self._span.add_event(conventions.EXCEPTION_EVENT, facts)

    def end(self) -> None:
        """Close the span; a second call does nothing."""
        if not self._ended:
            self._ended = True
            self._span.end()

    def __enter__(self) -> Span:
        # Current only from here on: a stream that never enters must not leak its context.
        self._use = trace.use_span(
            self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False
        )
        self._use.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        use, self._use = self._use, None
        if use is not None:
            use.__exit__(None, None, None)
        # A caller that stops reading a stream closes its generator; nothing has failed.
        if error is not None and not isinstance(error, GeneratorExit):
            self.record_error(error)
        self.end()


class OTelTracer:
    """Opens OpenTelemetry spans; parents come from OpenTelemetry's own context.

    Args:
        provider: Tracer provider; the global one when None.
        capture_content: Whether prompts and replies may be attached to spans.

    Attributes:
        capture_content: As given.
    """

    def __init__(
        self, provider: trace.TracerProvider | None = None, *, capture_content: bool = False
    ) -> None:
        self.capture_content = capture_content
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=provider)

    def span(
        self,
        name: str,
        *,
        kind: SpanKind = "client",
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """Open a span now, under the one that is current here."""
        side = trace.SpanKind[kind.upper()]
        return OTelSpan(self._tracer.start_span(name, kind=side, attributes=_clean(attributes)))

    def carry(self) -> Mapping[str, str]:
        """Headers that tell another process which span is current here; empty without one."""
        headers: dict[str, str] = {}
        propagate.inject(headers)
        return headers

    @contextmanager
    def carried(self, headers: Mapping[str, str]) -> Iterator[None]:
        """Make the span of :meth:`carry`'s headers the parent of those opened in the block.

        Args:
            headers: What the other process sent; what is none is ignored.
        """
        token = context.attach(propagate.extract(headers))
        try:
            yield
        finally:
            context.detach(token)


class OTelMetrics:
    """Passes measurements to OpenTelemetry instruments, made once for each name.

    Args:
        provider: Meter provider; the global one when None.
    """

    def __init__(self, provider: metrics.MeterProvider | None = None) -> None:
        self._meter = metrics.get_meter(_SCOPE, meter_provider=provider)
        self._instruments: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def count(
        self, name: str, value: float = 1, attributes: Mapping[str, Any] | None = None
    ) -> None:
        """Add to a counter."""
        self._instrument("counter", name).add(value, _clean(attributes))

    def record(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Add one value to a histogram, with the buckets that the conventions advise."""
        self._instrument("histogram", name).record(value, _clean(attributes))

    def gauge(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Set a current value."""
        self._instrument("gauge", name).set(value, _clean(attributes))

    def _instrument(self, kind: str, name: str) -> Any:
        found = self._instruments.get((kind, name))
        if found is not None:
            return found
        more: dict[str, Any] = {"unit": conventions.UNITS.get(name, "1")}
        if kind == "histogram" and name in conventions.BUCKETS:
            more["explicit_bucket_boundaries_advisory"] = list(conventions.BUCKETS[name])
        # Two instruments of one name are an error in some SDKs, and double counting in others.
        with self._lock:
            if (kind, name) not in self._instruments:
                make = getattr(self._meter, f"create_{kind}")
                self._instruments[kind, name] = make(name, **more)
            return self._instruments[kind, name]


def _clean(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _plain(value) for name, value in (attributes or {}).items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        # OpenTelemetry takes sequences of one type only, and drops others with a warning.
        kinds = {type(item) for item in value}
        if len(kinds) <= 1 and kinds <= {str, bool, int, float}:
            return list(value)
        return [str(item) for item in value]
    return str(value)
