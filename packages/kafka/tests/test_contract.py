"""racto.kafka's producer keeps the contract of event sinks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from racto.core.testing.contracts.events import TOPIC, EventSinkContract
from racto.kafka import KafkaConsumerClient, KafkaConsumerConfig, KafkaProducerClient
from racto.testing.kafka import KafkaBroker

PLACES = [(TOPIC, number) for number in range(4)]


class TestProducer(EventSinkContract):
    """What arrives is read back by a consumer that sees only this test's records."""

    @pytest.fixture
    def sink(
        self, broker: KafkaBroker, new_producer: Callable[..., KafkaProducerClient]
    ) -> KafkaProducerClient:
        producer = new_producer()
        # The topic comes into being here, and what other tests left in it is skipped.
        producer.publish(TOPIC, "start")
        config = KafkaConsumerConfig(bootstrap_servers=broker.bootstrap_servers)
        self._reader = KafkaConsumerClient(config=config)
        self._starts = {place: self._reader.watermarks(*place)[1] for place in PLACES}
        return producer

    def delivered(self, sink: Any) -> Sequence[tuple[str | None, Any, dict[str, str]]]:
        ends = {place: self._reader.watermarks(*place)[1] for place in PLACES}
        count = sum(ends[place] - self._starts[place] for place in PLACES)
        self._reader.assign(self._starts)
        found: list[Any] = []
        for _ in range(100):
            if len(found) >= count:
                break
            found += self._reader.poll(timeout_ms=100)
        return [
            (m.key, m.value, {name: str(m.header(name)) for name, _ in m.headers}) for m in found
        ]

    @pytest.fixture(autouse=True)
    def _closed(self) -> Any:
        yield
        if hasattr(self, "_reader"):
            self._reader.close()
