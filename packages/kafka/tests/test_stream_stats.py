"""Counts add up, and whoever measures is told of them however offsets are committed."""

from typing import Any

import pytest

from racto.core.telemetry import RecordingMetrics
from racto.kafka import KafkaStreamProcessor, StreamStats
from racto.kafka.stream_stats import Gauges, StreamCounter

from .scripted import (
    ScriptedConsumer,
    ScriptedProducer,
    consumer_of,
    producer_of,
    quick,
    record,
)


def test_counts_add_up_and_are_told() -> None:
    metrics = RecordingMetrics()
    counter = StreamCounter(metrics)
    counter.consumed(5)
    counter.handled(3, 2, 0.5)
    counter.retried("ValueError")
    counter.dead_lettered("400")
    counter.committed()
    assert counter.stats(1) == StreamStats(
        consumed=5, handled=3, published=2, retried=1, dead_lettered=1, commits=1, in_flight=1
    )
    assert metrics.total("racto.kafka.stream.handled") == 3
    assert metrics.total("racto.kafka.stream.published") == 2
    assert metrics.total("racto.kafka.stream.retried", error__type="ValueError") == 1
    assert metrics.total("racto.kafka.stream.dead_lettered", error__type="400") == 1
    assert metrics.values("racto.kafka.stream.handler.duration") == [0.5]


@pytest.mark.parametrize(
    "fields", [{"commit_on_success": False}, {"guarantee": "exactly_once"}, {}],
    ids=["the caller commits", "transactions", "the stream commits"],
)  # fmt: skip
def test_levels_are_told_however_offsets_are_committed(fields: dict[str, Any]) -> None:
    metrics = RecordingMetrics()
    stream = KafkaStreamProcessor(
        consumer=consumer_of(ScriptedConsumer([record(0)])),
        producer=producer_of(ScriptedProducer(), **{"transactional.id": "t"}),
        config=quick(commit_interval_ms=0, **fields),
        metrics=metrics,
    )
    stream.process_once(lambda _: None)
    assert metrics.current("racto.kafka.stream.in_flight") == 0


def test_levels_are_told_now_and_then() -> None:
    metrics = RecordingMetrics()
    gauges = Gauges(metrics, consumer_of(ScriptedConsumer()), interval=60.0)
    gauges.tell(7)
    gauges.tell(8)
    assert metrics.current("racto.kafka.stream.in_flight") == 7
