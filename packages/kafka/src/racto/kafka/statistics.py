"""librdkafka's statistics as measurements: queues, round trips, lag."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from racto.core.protocols.metrics import Metrics

from .clients import LOGGER

METRIC_LAG = "racto.kafka.consumer.lag"
METRIC_QUEUED = "racto.kafka.producer.queued_records"
METRIC_QUEUED_BYTES = "racto.kafka.producer.queued_bytes"
METRIC_ROUND_TRIP = "racto.kafka.broker.round_trip"
METRIC_FAILURES = "racto.kafka.producer.failures"

_INTERVAL_MS = 10_000
_INTERVAL = "statistics.interval.ms"


def with_statistics(options: Mapping[str, Any], metrics: Metrics | None) -> dict[str, Any]:
    """Let a client report its statistics, every ten seconds unless the options say otherwise.

    Args:
        options: Options of librdkafka; a ``stats_cb`` of the user is called as well.
        metrics: Where they go; None leaves the options as they are.
    """
    if metrics is None:
        return dict(options)
    theirs: Callable[[str], object] | None = options.get("stats_cb")

    def report(text: str) -> None:
        try:
            measure(from_json(text), metrics)
        except (ValueError, TypeError, AttributeError):
            # Another librdkafka may write them differently; raising would end somebody's poll.
            LOGGER.exception("librdkafka's statistics were not understood")
        if theirs is not None:
            theirs(text)

    return {_INTERVAL: _INTERVAL_MS, **options, "stats_cb": report}


def measure(statistics: Mapping[str, Any], metrics: Metrics) -> None:
    """Set the gauges from one report; round trips are in seconds.

    Args:
        statistics: What librdkafka wrote; source: its STATISTICS.md.
        metrics: Where the measurements go.
    """
    client = {"client": statistics.get("client_id", "")}
    if statistics.get("type") == "producer":
        metrics.gauge(METRIC_QUEUED, statistics.get("msg_cnt", 0), client)
        metrics.gauge(METRIC_QUEUED_BYTES, statistics.get("msg_size", 0), client)
    for broker in statistics.get("brokers", {}).values():
        micros = broker.get("rtt", {}).get("avg", 0)
        if broker.get("nodeid", -1) >= 0 and micros:
            labels = {**client, "broker": broker["nodeid"]}
            metrics.gauge(METRIC_ROUND_TRIP, micros / 1e6, labels)
    for topic, partition, lag in _lags(statistics):
        metrics.gauge(METRIC_LAG, lag, {**client, "topic": topic, "partition": partition})


def _lags(statistics: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    for name, topic in statistics.get("topics", {}).items():
        for number, partition in topic.get("partitions", {}).items():
            # Partition -1 is librdkafka's shelf for what has none; -1 as a lag means unknown.
            lag = partition.get("consumer_lag", -1)
            if lag >= 0 and int(number) >= 0:
                yield name, int(number), lag
