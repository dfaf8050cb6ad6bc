"""Telemetry: one span a run, its parent is the sender's, and runs are counted by outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from celery.exceptions import Ignore  # type: ignore[import-untyped]
from opentelemetry import context, propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from racto.celery import RactoCeleryWorker, TaskRun
from racto.celery.payloads import GeneratePayload
from racto.celery.telemetry import METRIC_TASKS, TelemetryLayer
from racto.core.errors import BadRequestError
from racto.core.telemetry import OTelTracer, RecordingMetrics, RecordingTracer
from racto.core.testing import ScriptedKit


class CarryingTracer(OTelTracer):
    """OpenTelemetry's spans, with its own propagators."""

    def carry(self) -> Mapping[str, str]:
        """The current context as headers."""
        headers: dict[str, str] = {}
        propagate.inject(headers)
        return headers

    @contextmanager
    def carried(self, headers: Mapping[str, str]) -> Iterator[None]:
        """The context of headers."""
        token = context.attach(propagate.extract(headers))
        try:
            yield
        finally:
            context.detach(token)


def _run(headers: Mapping[str, Any] | None = None) -> TaskRun:
    app = Celery("telemetry", broker="memory://", backend="cache+memory://", set_as_current=False)
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    task = app.tasks[f"{worker.name}.generate"]
    return TaskRun(
        task_id="t1",
        name=task.name,
        kind="generate",
        attempt=2,
        headers=headers or {},
        payload=GeneratePayload(config={"user_message": "x"}),
        workshop=task.workshop,
        task=task,
    )


def test_trace_of_the_sender_goes_on_in_the_worker() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    layer = TelemetryLayer(CarryingTracer(provider))
    with provider.get_tracer("web").start_as_current_span("request"):
        headers = layer.outgoing("generate", "t1")
    assert set(headers) == {"traceparent"}
    assert layer.around(_run(headers), lambda: "done") == "done"
    request, process = exporter.get_finished_spans()
    assert process.name == "process racto.generate"
    assert process.kind is trace.SpanKind.CONSUMER
    assert process.parent is not None
    assert process.parent.span_id == request.context.span_id
    assert process.context.trace_id == request.context.trace_id
    assert (process.attributes or {})["racto.attempt"] == 2


@pytest.mark.parametrize("text", ["nonsense", "00-" + "0" * 32 + "-1-1", "x" * 100_000, 5])
def test_malformed_headers_begin_a_trace_of_their_own(text: Any) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    layer = TelemetryLayer(CarryingTracer(provider))
    assert layer.around(_run({"traceparent": text}), lambda: 1) == 1
    (span,) = exporter.get_finished_spans()
    assert span.parent is None


def test_outcomes_are_counted_and_only_failures_mark_the_span() -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    layer = TelemetryLayer(tracer, metrics=metrics)
    assert layer.outgoing("generate", "t1") == {}

    def fail(error: BaseException) -> Any:
        raise error

    layer.around(_run(), lambda: 1)
    with pytest.raises(BadRequestError):
        layer.around(_run(), lambda: fail(BadRequestError("400", status_code=400)))
    with pytest.raises(Ignore):
        layer.around(_run(), lambda: fail(Ignore()))
    assert [bool(span.error) for span in tracer.spans] == [False, True, False]
    counted = [
        metrics.total(METRIC_TASKS, outcome=outcome)
        for outcome in ("success", "failure", "deferred")
    ]
    assert counted == [1, 1, 1]
    assert metrics.total(METRIC_TASKS, error__type="400") == 1
