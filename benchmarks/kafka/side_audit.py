"""The audit log, and what somebody would write without one."""

from __future__ import annotations

import atexit
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from racto.kafka import KafkaAuditLogger, KafkaProducerClient, KafkaProducerConfig
from racto.testing.kafka import KafkaBroker

EVENTS = 2000
PROMPT, RESPONSE = "What does the warranty cover? " * 8, "Two years, and the battery one. " * 10
FACTS = {"cost": 0.25, "tags": ["support"]}


def logged(kind: str) -> Callable[[], float]:
    """Microseconds of the calling thread for one event."""
    producer = _producer()
    options: dict[str, Any] = {}
    if kind != "memory":
        folder = tempfile.TemporaryDirectory()
        atexit.register(folder.cleanup)
        options = {"spill": folder.name, "chain": kind == "chained"}
    if kind == "keyed":
        options["chain_key"] = "0123456789abcdef"
    audit = KafkaAuditLogger(producer, topic="audit", **options)
    atexit.register(audit.close)

    def once() -> float:
        began = time.thread_time()
        for number in range(EVENTS):
            audit.log(
                user_id=f"u{number % 50}",
                model="m",
                prompt=PROMPT,
                response=RESPONSE,
                metadata=FACTS,
            )
        spent = time.thread_time() - began
        audit.flush(60)
        return spent / EVENTS * 1e6

    return once


def produced(kind: str) -> Callable[[], float]:
    """The same without a log: JSON of the standard library, and produce."""
    del kind
    producer = _producer().raw

    def once() -> float:
        began = time.thread_time()
        for number in range(EVENTS):
            event = {
                "user_id": f"u{number % 50}",
                "model": "m",
                "prompt": PROMPT,
                "response": RESPONSE,
                "metadata": FACTS,
                "timestamp_utc": datetime.now(UTC).isoformat(),
            }
            producer.produce("audit", json.dumps(event).encode(), event["user_id"])
        spent = time.thread_time() - began
        producer.flush(60)
        return spent / EVENTS * 1e6

    return once


def _producer() -> KafkaProducerClient:
    broker = KafkaBroker()
    atexit.register(broker.close)
    broker.create_topic("audit")
    config = KafkaProducerConfig(bootstrap_servers=broker.bootstrap_servers)
    producer = KafkaProducerClient(config=config)
    atexit.register(producer.close)
    return producer
