"""One span a call of the handler; its parent is the sender's, and outputs carry it on."""

import asyncio
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from racto.core.errors import BadRequestError
from racto.core.retries import RetryPolicy
from racto.core.telemetry import OTelTracer, RecordingTracer
from racto.kafka import KafkaMessage, KafkaPublishRequest, KafkaStreamProcessor, each

from .scripted import TOPIC, ScriptedConsumer, ScriptedProducer, consumer_of, producer_of, quick

PARENT = "00-11111111111111111111111111111111-2222222222222222-01"
OTHER = "00-33333333333333333333333333333333-4444444444444444-01"


class Traced:
    """A stream whose spans are kept."""

    def __init__(self, *headers: Any, **fields: Any) -> None:
        batch = [
            KafkaMessage(
                topic=TOPIC, partition=0, offset=n, value=b"1",
                headers=[("traceparent", h)] if h else [],
            )
            for n, h in enumerate(headers)
        ]  # fmt: skip
        self.exporter, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.producer = ScriptedProducer(largest=100_000)
        client = ScriptedConsumer(batch[:1], batch[1:])
        self.stream = KafkaStreamProcessor(
            consumer=consumer_of(client),
            producer=producer_of(self.producer),
            config=quick(batch_size=len(batch), retry=RetryPolicy(attempts=2, base=0), **fields),
            tracer=OTelTracer(provider),
        )

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()


def parent_of(span: ReadableSpan) -> str | None:
    if span.parent is None:
        return None
    return f"00-{span.parent.trace_id:032x}-{span.parent.span_id:016x}-01"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("is_async", [False, True])
def test_the_senders_trace_goes_on_in_the_handler_and_in_its_outputs(
    workers: int, is_async: bool
) -> None:
    traced = Traced(PARENT.encode(), workers=workers)
    inside: list[int] = []

    def handle(message: KafkaMessage) -> list[Any]:
        inside.append(trace.get_current_span().get_span_context().span_id)
        # A reply that repeats all headers, and a value.
        return [KafkaPublishRequest(topic="out", value=1, headers=list(message.headers)), 2]

    async def ahandle(message: KafkaMessage) -> list[Any]:
        return handle(message)

    if is_async:
        asyncio.run(traced.stream.aprocess_once(each(ahandle), output_topic="out"))
    else:
        traced.stream.process_once(each(handle), output_topic="out")
    (span,) = traced.spans
    assert (span.name, span.kind) == (f"process {TOPIC}", trace.SpanKind.CONSUMER)
    assert parent_of(span) == PARENT
    facts = span.attributes or {}
    assert facts["messaging.consumer.group.name"] == "g"
    assert facts["messaging.destination.partition.id"] == "0"
    assert (facts["messaging.kafka.offset"], facts["racto.attempt"]) == (0, 1)
    assert span.context is not None
    assert inside == [span.context.span_id]
    ours = f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"
    assert [m.headers for m in traced.producer.out] == [(("traceparent", ours),)] * 2


@pytest.mark.parametrize(
    ("headers", "parent"),
    [((PARENT, PARENT), PARENT), ((PARENT, OTHER), None), ((None, None), None)],
)
def test_a_batch_belongs_to_a_trace_that_all_its_messages_belong_to(
    headers: tuple[Any, ...], parent: str | None
) -> None:
    traced = Traced(*headers)
    traced.stream.process_once(lambda _: None)
    (span,) = traced.spans
    assert parent_of(span) == parent
    assert (span.attributes or {})["messaging.batch.message_count"] == 2


@pytest.mark.parametrize(
    "header", [b"nonsense", b"\xff\xfe", b"x" * 100_000], ids=["nonsense", "binary", "large"]
)
def test_malformed_headers_begin_a_trace_of_their_own(header: bytes) -> None:
    traced = Traced(header)
    traced.stream.process_once(lambda _: None)
    assert parent_of(traced.spans[0]) is None


def test_each_attempt_is_a_span_and_a_failure_marks_it() -> None:
    traced = Traced(None)
    attempts: list[int] = []

    def handle(_: list[KafkaMessage]) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("broken")

    traced.stream.process_once(handle)
    first, second = traced.spans
    assert first.status.status_code is trace.StatusCode.ERROR
    assert second.status.is_ok or second.status.status_code is trace.StatusCode.UNSET
    assert [(s.attributes or {})["racto.attempt"] for s in traced.spans] == [1, 2]


def test_a_tracer_that_carries_nothing_will_do() -> None:
    tracer = RecordingTracer()
    client = ScriptedConsumer([KafkaMessage(topic=TOPIC, partition=0, offset=0, value=b"1")])
    stream = KafkaStreamProcessor(consumer=consumer_of(client), config=quick(), tracer=tracer)

    def handle(_: list[KafkaMessage]) -> None:
        raise BadRequestError("no")

    with pytest.raises(BadRequestError):
        stream.process_once(handle)
    (span,) = tracer.spans
    assert span.attributes["error.type"] == "BadRequestError"
