"""librdkafka's statistics become gauges."""

from __future__ import annotations

import json

from racto.core.telemetry.recording import RecordingMetrics
from racto.kafka.statistics import measure, with_statistics

REPORT = {
    "type": "producer",
    "client_id": "c",
    "msg_cnt": 3,
    "msg_size": 90,
    "brokers": {"b/1": {"nodeid": 1, "rtt": {"avg": 2500}}, "boot": {"nodeid": -1}},
    "topics": {"t": {"partitions": {"0": {"consumer_lag": 7}, "-1": {"consumer_lag": -1}}}},
}


class Gauges(RecordingMetrics):
    """Keeps gauges by name and labels."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[tuple[str, str], float] = {}

    def gauge(self, name: str, value: float, attributes: object = None) -> None:
        self.seen[name, json.dumps(attributes, sort_keys=True)] = value


def test_measurements() -> None:
    metrics = Gauges()
    measure(REPORT, metrics)
    assert metrics.seen == {
        ("racto.kafka.producer.queued_records", '{"client": "c"}'): 3,
        ("racto.kafka.producer.queued_bytes", '{"client": "c"}'): 90,
        ("racto.kafka.broker.round_trip", '{"broker": 1, "client": "c"}'): 0.0025,
        ("racto.kafka.consumer.lag", '{"client": "c", "partition": 0, "topic": "t"}'): 7,
    }


def test_the_users_callback_is_called_too() -> None:
    told: list[str] = []
    options = with_statistics({"stats_cb": told.append}, Gauges())
    assert options["statistics.interval.ms"] == 10_000
    options["stats_cb"]("[1]")
    options["stats_cb"](json.dumps(REPORT))
    assert len(told) == 2
    assert with_statistics({"a": 1}, None) == {"a": 1}
