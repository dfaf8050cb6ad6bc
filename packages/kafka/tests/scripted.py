"""Clients in the shape of confluent-kafka's that do as a script says: for what no broker does at will."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaMessage,
    KafkaProducerClient,
    KafkaProducerConfig,
    KafkaStreamConfig,
)

Step = Sequence[KafkaMessage] | Exception | Callable[[], Sequence[Any]]

TOPIC = "in"


class Record:
    """What the client returns for a message."""

    def __init__(self, message: KafkaMessage) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        facts = {"value": "raw_value", "key": "raw_key", "headers": "headers"}
        if name == "timestamp":
            return lambda: (0, -1)
        return lambda: getattr(self._message, facts.get(name, name))


def record(offset: int, partition: int = 0, *, value: bytes | None = None, key: Any = None) -> Any:
    data = str(offset).encode() if value is None else value
    return KafkaMessage(topic=TOPIC, partition=partition, offset=offset, value=data, key=key)


def refused(code: int, **flags: bool) -> KafkaException:
    return KafkaException(KafkaError(code, "as the script says", **flags))


class ScriptedConsumer:
    """Each ``consume`` takes one step of the script; then nothing comes any more."""

    def __init__(self, *script: Step, partitions: int = 1) -> None:
        self.script = deque(script)
        self.mine = {(TOPIC, number) for number in range(partitions)}
        self.paused: set[tuple[str, int]] = set()
        self.sought: list[tuple[int, int]] = []
        self.committed: list[dict[int, int]] = []
        self.asked: list[int] = []
        self.failures: dict[str, Exception] = {}

    def subscribe(self, topics: list[str], **told: Any) -> None:
        self.told = told

    def consume(self, count: int, timeout: float) -> list[Any]:
        self.asked.append(count)
        if not self.script or self._is_held(self.script[0]):
            time.sleep(min(timeout, 0.002))
            return []
        step = self.script.popleft()
        if isinstance(step, Exception):
            raise step
        return [Record(message) for message in (step() if callable(step) else step)]

    def _is_held(self, step: Step) -> bool:
        held = [m.place in self.paused for m in step] if isinstance(step, Sequence) else []
        return bool(held) and all(held)

    def revoke(self, *numbers: int, how: str = "on_revoke") -> None:
        """What librdkafka does inside of a poll when the group is divided anew."""
        places = {(TOPIC, number) for number in numbers}
        self.told[how](self, [TopicPartition(*place) for place in places])
        self.mine -= places

    def assign_too(self, *numbers: int) -> None:
        places = {(TOPIC, number) for number in numbers}
        self.mine |= places
        self.told["on_assign"](self, [TopicPartition(*place) for place in places])

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(*place) for place in sorted(self.mine)]

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[Any]:
        self._fail("commit")
        self.committed.append({each.partition: each.offset for each in offsets})
        return offsets

    def seek(self, place: TopicPartition) -> None:
        self._fail("seek")
        assert (place.topic, place.partition) in self.mine
        self.sought.append((place.partition, place.offset))

    def pause(self, places: list[TopicPartition]) -> None:
        self.paused |= {(each.topic, each.partition) for each in places}

    def resume(self, places: list[TopicPartition]) -> None:
        self.paused -= {(each.topic, each.partition) for each in places}

    def position(self, places: list[TopicPartition]) -> list[TopicPartition]:
        return []

    def consumer_group_metadata(self) -> str:
        return "group"

    def close(self) -> None:
        pass

    def _fail(self, call: str) -> None:
        if call in self.failures:
            raise self.failures[call]


class ScriptedProducer:
    """Takes records and reports them when it is polled; knows transactions, and a largest size."""

    def __init__(self, *, largest: int = 1000) -> None:
        self.largest = largest
        self.calls: list[str] = []
        self.open: list[Any] = []
        self.out: list[Any] = []
        self.refusing: dict[str, list[Exception]] = {}
        self.error: KafkaError | None = None
        self.is_silent = False
        self._reports: deque[Callable[[], None]] = deque()
        self._is_transactional = False
        self._lock = threading.Lock()

    def produce(
        self, topic: str, *, value: Any, key: Any, on_delivery: Any, headers: Any = None
    ) -> None:
        size = len(value or b"") + sum(len(n) + len(v or "") for n, v in headers or ())
        if size > self.largest:
            raise refused(KafkaError.MSG_SIZE_TOO_LARGE)
        message = KafkaMessage(
            topic=topic, partition=0, offset=0, key=key, value=value, headers=headers
        )
        (self.open if self._is_transactional else self.out).append(message)
        self._reports.append(lambda: on_delivery(self.error, Record(message)))

    def poll(self, timeout: float) -> int:
        count = 0
        with self._lock:
            while self._reports and not self.is_silent:
                self._reports.popleft()()
                count += 1
        if not count:
            time.sleep(min(timeout, 0.002))
        return count

    def flush(self, timeout: float) -> int:
        self.poll(0)
        return len(self._reports)

    def init_transactions(self, _: float) -> None:
        self._note("init")

    def begin_transaction(self) -> None:
        self._note("begin")
        self._is_transactional, self.open = True, []

    def send_offsets_to_transaction(self, offsets: Any, group: Any, _: float) -> None:
        self._note("offsets")

    def commit_transaction(self, _: float) -> None:
        self._note("commit")
        self.out += self.open

    def abort_transaction(self, _: float) -> None:
        self._note("abort")

    def values(self, topic: str) -> list[Any]:
        """What readers of committed data see of a topic."""
        return [message.value for message in self.out if message.topic == topic]

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if self.refusing.get(call):
            raise self.refusing[call].pop(0)


def consumer_of(client: ScriptedConsumer, **fields: Any) -> KafkaConsumerClient:
    settings: dict[str, Any] = {"topics": TOPIC, "group_id": "g", **fields}
    return KafkaConsumerClient(config=KafkaConsumerConfig(**settings), consumer=client)


def producer_of(client: ScriptedProducer, **extra: Any) -> KafkaProducerClient:
    return KafkaProducerClient(config=KafkaProducerConfig(extra=extra), producer=client)


def quick(**fields: Any) -> KafkaStreamConfig:
    """Waits that no test notices."""
    defaults = {
        "max_wait_ms": 20, "poll_timeout_ms": 5, "drain_timeout_s": 2.0, "revoke_timeout_s": 0.05,
        "handle_signals": False,
    }  # fmt: skip
    return KafkaStreamConfig(**{**defaults, **fields})
