"""A tracer and metrics that keep what they see in memory: for tests, consoles and debugging."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from racto.core.protocols.tracing import Span, SpanKind
from racto.core.secrets import redact

from . import conventions
from .hooks import error_type

_current: ContextVar[RecordedSpan | None] = ContextVar("racto_recorded_span", default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedEvent:
    """Something that happened inside a span.

    Attributes:
        name: What happened.
        at: Seconds since the span opened.
        attributes: Facts about it.
    """

    name: str
    at: float
    attributes: Mapping[str, Any] = field(default_factory=dict)


class RecordedSpan:
    """A span of a :class:`RecordingTracer`, open or closed.

    Attributes:
        name: Its name.
        kind: Which side of a call it stands for.
        attributes: Facts noted so far.
        events: What happened, in order.
        parent: The span that was current when it was opened.
        started: When it was opened, Unix time in seconds.
        duration: Seconds from opening to closing; None while it is open.
        error: The error that it failed with.
    """

    def __init__(
        self,
        name: str,
        *,
        kind: SpanKind = "client",
        attributes: Mapping[str, Any] | None = None,
        parent: RecordedSpan | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.attributes: dict[str, Any] = {}
        self.events: list[RecordedEvent] = []
        self.parent = parent
        self.started = time.time()
        self.duration: float | None = None
        self.error: BaseException | None = None
        # The wall clock may jump while the span is open; durations must not.
        self._opened = time.perf_counter()
        self._token: Token[RecordedSpan | None] | None = None
        self.set_attributes(attributes or {})

    def set_attribute(self, name: str, value: Any) -> None:
        """Note one fact; None is ignored."""
        if value is not None:
            self.attributes[name] = value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Note several facts; those that are None are ignored."""
        for name, value in attributes.items():
            self.set_attribute(name, value)

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Note that something happened now."""
        at = time.perf_counter() - self._opened
        self.events.append(RecordedEvent(name=name, at=at, attributes=dict(attributes or {})))

    def record_error(self, error: BaseException) -> None:
        """Mark the span as failed; the message is kept free of secrets."""
        self.error = error
        self.set_attribute(conventions.ERROR_TYPE, error_type(error))
        facts = {
            conventions.EXCEPTION_TYPE: type(error).__qualname__,
            conventions.EXCEPTION_MESSAGE: redact(str(error)),
        }
        self.add_event(conventions.EXCEPTION_EVENT, facts)

    def end(self) -> None:
        """Close the span; a second call does nothing."""
        if self.duration is None:
            self.duration = time.perf_counter() - self._opened

    def __enter__(self) -> Span:
        self._token = _current.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        token, self._token = self._token, None
        if token is not None:
            # A generator may be closed in another context than it was opened in.
            with suppress(ValueError):
                _current.reset(token)
        # A caller that stops reading a stream closes its generator; nothing has failed.
        if error is not None and not isinstance(error, GeneratorExit):
            self.record_error(error)
        self.end()

    def __repr__(self) -> str:
        state = "open" if self.duration is None else f"{self.duration * 1000:.1f} ms"
        return f"RecordedSpan({self.name!r}, {state}{', failed' if self.error else ''})"


class RecordingTracer:
    """Keeps its latest spans, open ones included, in the order in which they were opened.

    Args:
        capture_content: Whether prompts and replies may be attached.
        capacity: Most spans kept; older ones are forgotten.

    Attributes:
        capture_content: As given.
    """

    def __init__(self, *, capture_content: bool = False, capacity: int = 10_000) -> None:
        self.capture_content = capture_content
        self._spans: deque[RecordedSpan] = deque(maxlen=capacity)

    def span(
        self,
        name: str,
        *,
        kind: SpanKind = "client",
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """Open a span now, under the one that is current here."""
        opened = RecordedSpan(name, kind=kind, attributes=attributes, parent=_current.get())
        self._spans.append(opened)
        return opened

    @property
    def spans(self) -> list[RecordedSpan]:
        """The spans kept, oldest first."""
        return list(self._spans)

    def named(self, name: str) -> list[RecordedSpan]:
        """The spans of one name, oldest first."""
        # A copy, because another thread may open a span meanwhile.
        return [span for span in self._spans.copy() if span.name == name]

    def clear(self) -> None:
        """Forget all spans."""
        self._spans.clear()


@dataclass(slots=True)
class _Series:
    total: float = 0.0
    gauge: float | None = None
    values: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))


class RecordingMetrics:
    """Keeps counters, distributions (their latest 10,000 values) and gauges in memory."""

    def __init__(self) -> None:
        self._series: dict[str, list[tuple[dict[str, Any], _Series]]] = {}
        self._lock = threading.Lock()

    def count(
        self, name: str, value: float = 1, attributes: Mapping[str, Any] | None = None
    ) -> None:
        """Add to a counter."""
        with self._lock:
            self._of(name, attributes).total += value

    def record(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Add one value to a distribution."""
        with self._lock:
            self._of(name, attributes).values.append(value)

    def gauge(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Set a current value."""
        with self._lock:
            self._of(name, attributes).gauge = value

    def total(self, name: str, **attributes: Any) -> float:
        """The sum of a counter over all series that bear the attributes (dots as ``__``)."""
        return sum(series.total for series in self._matching(name, attributes))

    def values(self, name: str, **attributes: Any) -> list[float]:
        """The values of a distribution over all series that bear the attributes."""
        return [value for series in self._matching(name, attributes) for value in series.values]

    def current(self, name: str, **attributes: Any) -> float | None:
        """The value of a gauge, of the series last created that bears the attributes."""
        found = [series.gauge for series in self._matching(name, attributes)]
        return found[-1] if found else None

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._series.clear()

    def _of(self, name: str, attributes: Mapping[str, Any] | None) -> _Series:
        labels = {key: value for key, value in (attributes or {}).items() if value is not None}
        known = self._series.setdefault(name, [])
        for bearing, series in known:
            if bearing == labels:
                return series
        known.append((labels, _Series()))
        return known[-1][1]

    def _matching(self, name: str, attributes: Mapping[str, Any]) -> list[_Series]:
        # Keyword names cannot hold the dots that attribute names are made of.
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}
        with self._lock:
            return [
                series
                for bearing, series in self._series.get(name, ())
                if wanted.items() <= bearing.items()
            ]
