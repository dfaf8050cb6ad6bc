"""The OpenTelemetry adapters call its API as it wants to be called, and only when installed."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

from racto.core.errors import MissingExtraError
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer

otel = pytest.importorskip("opentelemetry.trace")
from opentelemetry import metrics, trace  # noqa: E402

from racto.core.telemetry import conventions  # noqa: E402
from racto.core.telemetry.otel import OTelMetrics, OTelTracer  # noqa: E402


class FakeSpan(trace.NonRecordingSpan):
    def __init__(self, name: str, kind: Any, attributes: Any, parent: Any) -> None:
        super().__init__(trace.INVALID_SPAN_CONTEXT)
        self.name, self.kind, self.parent = name, kind, parent
        self.attributes = dict(attributes or {})
        self.events: list[Any] = []
        self.status: Any = None
        self.ends = 0

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_attributes(self, attributes: Any) -> None:
        self.attributes.update(attributes)

    def add_event(self, name: str, attributes: Any = None, timestamp: Any = None) -> None:
        self.events.append((name, attributes))

    def set_status(self, status: Any, description: Any = None) -> None:
        self.status = status

    def end(self, end_time: Any = None) -> None:
        self.ends += 1


class FakeTracer(trace.NoOpTracer):
    def __init__(self) -> None:
        self.spans: list[FakeSpan] = []

    def start_span(self, name: str, *args: Any, kind: Any = None, attributes: Any = None, **more: Any) -> Any:  # fmt: skip
        span = FakeSpan(name, kind, attributes, trace.get_current_span())
        self.spans.append(span)
        return span


class FakeProvider(trace.NoOpTracerProvider):
    def __init__(self) -> None:
        self.tracer = FakeTracer()

    def get_tracer(self, *args: Any, **more: Any) -> Any:
        return self.tracer


class FakeInstrument:
    def __init__(self, kind: str, name: str, more: dict[str, Any]) -> None:
        self.kind, self.name, self.more = kind, name, more
        self.seen: list[Any] = []

    def add(self, value: float, attributes: Any) -> None:
        self.seen.append((value, attributes))

    record = set = add


class FakeMeter(metrics.NoOpMeter):
    def __init__(self) -> None:
        super().__init__("fake")
        self.made: list[FakeInstrument] = []

    def _make(self, kind: str, name: str, **more: Any) -> Any:
        self.made.append(FakeInstrument(kind, name, more))
        return self.made[-1]

    def create_counter(self, name: str, unit: str = "", description: str = "") -> Any:
        return self._make("counter", name, unit=unit)

    def create_histogram(
        self,
        name: str,
        unit: str = "",
        description: str = "",
        *,
        explicit_bucket_boundaries_advisory: Any = None,
    ) -> Any:
        advice = {"explicit_bucket_boundaries_advisory": explicit_bucket_boundaries_advisory}
        return self._make("histogram", name, unit=unit, **advice)

    def create_gauge(self, name: str, unit: str = "", description: str = "") -> Any:
        return self._make("gauge", name, unit=unit)


class FakeMeterProvider(metrics.NoOpMeterProvider):
    def __init__(self) -> None:
        self.meter = FakeMeter()

    def get_meter(self, *args: Any, **more: Any) -> Any:
        return self.meter


def test_spans_nest_through_opentelemetrys_own_context() -> None:
    provider = FakeProvider()
    tracer = OTelTracer(provider)
    assert isinstance(tracer, Tracer)
    with tracer.span("outer", attributes={"a": 1, "none": None, "list": ("x", 1)}) as outer:
        tracer.span("inner", kind="internal").end()
        outer.set_attribute("text", {"k": "v"})
        outer.set_attribute("none", None)
        outer.set_attributes({"n": 1.5, "words": ["a", "b"], "none": None})
        outer.add_event("e", {"x": None, "y": 1})
    first, second = provider.tracer.spans
    assert (first.kind, second.kind) == (trace.SpanKind.CLIENT, trace.SpanKind.INTERNAL)
    assert second.parent is first
    assert first.attributes == {
        "a": 1,
        "list": ["x", "1"],
        "text": "{'k': 'v'}",
        "n": 1.5,
        "words": ["a", "b"],
    }
    assert first.events == [("e", {"y": 1})]
    assert (first.ends, second.ends) == (1, 1)
    assert trace.get_current_span() is not first


def test_an_error_is_recorded_once_and_without_secrets() -> None:
    provider = FakeProvider()
    with pytest.raises(ValueError, match="hunter"), OTelTracer(provider).span("x") as span:
        raise ValueError("password=hunter2hunter2")
    span.end()
    seen = provider.tracer.spans[0]
    assert seen.ends == 1
    assert seen.attributes[conventions.ERROR_TYPE] == "ValueError"
    assert seen.status.status_code is trace.StatusCode.ERROR
    assert len(seen.events) == 1
    assert "hunter2" not in str(seen.events) + str(seen.status.description)


def test_the_real_api_without_an_sdk_takes_everything() -> None:
    with OTelTracer().span("x") as span:
        span.set_attribute("a", 1)
    assert not OTelTracer().capture_content
    found = OTelMetrics()
    found.count("a")
    found.record(conventions.METRIC_TOKEN_USAGE, 5)
    found.gauge("c", 1)


def test_instruments_are_made_once_with_unit_and_buckets() -> None:
    provider = FakeMeterProvider()
    found = OTelMetrics(provider)
    assert isinstance(found, Metrics)
    name = conventions.METRIC_OPERATION_DURATION
    found.record(name, 0.5, {"a": 1, "none": None})
    found.record(name, 0.7)
    found.count(conventions.METRIC_RETRIES)
    found.gauge("size", 3)
    histogram, counter, gauge = provider.meter.made
    assert histogram.seen == [(0.5, {"a": 1}), (0.7, {})]
    assert histogram.more["unit"] == "s"
    assert histogram.more["explicit_bucket_boundaries_advisory"] == list(conventions.BUCKETS[name])
    assert (counter.kind, counter.more) == ("counter", {"unit": "{retry}"})
    assert (gauge.more, gauge.seen) == ({"unit": "1"}, [(3, {})])


def test_without_the_library_the_error_prints_the_install_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "racto.core.telemetry.otel")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-core\[otel\]"'):
        importlib.import_module("racto.core.telemetry.otel")


def test_context_is_carried_to_another_process() -> None:
    tracer = OTelTracer(FakeProvider())
    assert dict(tracer.carry()) == {}
    place = trace.SpanContext(7, 8, is_remote=False, trace_flags=trace.TraceFlags(1))
    with trace.use_span(trace.NonRecordingSpan(place)):
        headers = tracer.carry()
    assert trace.get_current_span().get_span_context().trace_id == 0
    with tracer.carried(headers):
        found = trace.get_current_span().get_span_context()
        assert (found.trace_id, found.span_id, found.is_remote) == (7, 8, True)
    with tracer.carried({"traceparent": "nonsense"}):
        assert trace.get_current_span().get_span_context().trace_id == 0
