"""Recorded spans and metrics keep what happened, with the right parents."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from racto.core.errors import RateLimitError
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Span, Tracer
from racto.core.telemetry import (
    NOOP_METRICS,
    NOOP_SPAN,
    NOOP_TRACER,
    RecordingMetrics,
    RecordingTracer,
    captures_content,
    error_type,
)


def test_all_keep_their_protocols() -> None:
    for tracer in (NOOP_TRACER, RecordingTracer()):
        assert isinstance(tracer, Tracer)
        assert isinstance(tracer.span("x"), Span)
    for metrics in (NOOP_METRICS, RecordingMetrics()):
        assert isinstance(metrics, Metrics)


def test_the_default_keeps_nothing_and_makes_nothing() -> None:
    with NOOP_TRACER.span("x", attributes={"a": 1}) as span:
        assert span is NOOP_SPAN
        span.set_attribute("a", 1)
        span.set_attributes({})
        span.add_event("e")
        span.record_error(KeyError())
        span.end()
    NOOP_METRICS.count("a")
    NOOP_METRICS.record("a", 1)
    NOOP_METRICS.gauge("a", 1)
    with pytest.raises(KeyError), NOOP_TRACER.span("x"):
        raise KeyError


def test_content_only_by_opt_in() -> None:
    assert not captures_content(NOOP_TRACER)
    assert not captures_content(RecordingTracer())
    assert captures_content(RecordingTracer(capture_content=True))


class TestSpans:
    def test_a_span_covers_the_call_and_knows_its_parent(self) -> None:
        tracer = RecordingTracer()
        with tracer.span("outer", kind="internal", attributes={"a": 1, "none": None}) as outer:
            with tracer.span("inner") as inner:
                inner.set_attributes({"b": 2, "none": None})
                assert tracer.named("inner")[0].duration is None
            tracer.span("sibling").end()
        first, second, third = tracer.spans
        assert (first.name, first.kind, first.attributes) == ("outer", "internal", {"a": 1})
        assert second.parent is first is third.parent is outer
        assert first.parent is None
        assert second.attributes == {"b": 2}
        assert first.duration is not None
        assert second.duration is not None
        assert 0 <= second.duration <= first.duration

    def test_an_error_marks_the_span_and_hides_secrets(self) -> None:
        tracer = RecordingTracer()
        with pytest.raises(ValueError, match="hunter"), tracer.span("x"):
            raise ValueError("password=hunter2hunter2")
        span = tracer.spans[0]
        assert isinstance(span.error, ValueError)
        assert span.attributes == {"error.type": "ValueError"}
        assert span.events[0].name == "exception"
        assert "hunter2" not in span.events[0].attributes["exception.message"]
        assert "failed" in repr(span)

    def test_error_type_prefers_the_status(self) -> None:
        assert error_type(RateLimitError("x", status_code=429)) == "429"
        assert error_type(KeyError()) == "KeyError"

    def test_a_stream_keeps_its_span_open_without_being_current(self) -> None:
        tracer = RecordingTracer()

        def stream() -> Any:
            span = tracer.span("stream")
            try:
                yield tracer.span("step")
                span.add_event("chunk")
            finally:
                span.end()

        steps = stream()
        next(steps)
        steps.close()
        span, step = tracer.spans
        assert step.parent is None
        assert span.duration is not None
        kept = span.duration
        span.end()
        assert span.duration == kept

    async def test_tasks_do_not_mix_their_parents(self) -> None:
        tracer = RecordingTracer()

        async def work(name: str) -> None:
            with tracer.span(name):
                await asyncio.sleep(0)
                tracer.span(f"{name}.inner").end()

        await asyncio.gather(work("a"), work("b"))
        for name in ("a", "b"):
            parent = tracer.named(f"{name}.inner")[0].parent
            assert parent is tracer.named(name)[0]

    async def test_a_span_left_in_another_context_still_closes(self) -> None:
        tracer = RecordingTracer()

        async def stream() -> Any:
            with tracer.span("stream"):
                yield 1

        steps = stream()
        await asyncio.ensure_future(anext(steps))
        await asyncio.ensure_future(steps.aclose())
        assert tracer.spans[0].duration is not None
        assert tracer.spans[0].error is None

    def test_memory_is_bounded(self) -> None:
        tracer = RecordingTracer(capacity=3)
        for number in range(10):
            tracer.span(str(number))
        assert [span.name for span in tracer.spans] == ["7", "8", "9"]
        tracer.clear()
        assert tracer.spans == []


def test_metrics() -> None:
    metrics = RecordingMetrics()
    metrics.count("hits", attributes={"cache.kind": "exact"})
    metrics.count("hits", 2, {"cache.kind": "semantic", "none": None})
    metrics.record("time", 0.5)
    metrics.record("time", 1.5)
    metrics.gauge("size", 3)
    metrics.gauge("size", 4)
    assert metrics.total("hits") == 3
    assert metrics.total("hits", cache__kind="semantic") == 2
    assert metrics.total("other") == 0
    assert metrics.values("time") == [0.5, 1.5]
    assert metrics.current("size") == 4
    assert metrics.current("other") is None
    metrics.clear()
    assert metrics.total("hits") == 0
