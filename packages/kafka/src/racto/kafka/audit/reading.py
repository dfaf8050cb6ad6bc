"""Reads all partitions of a topic to their present ends, or on, without a group and its commits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from racto.core.errors import NotFoundError, RactoGatewayTimeoutError
from racto.kafka.clients import new_consumer, positions
from racto.kafka.config import KafkaConsumerConfig
from racto.kafka.failures import PROVIDER, failure, name_of, translated
from racto.kafka.options import consumer_options

from .entries import AuditEntry

_BATCH = 1000
_TURN_SECONDS = 0.2
_QUESTION_SECONDS = 10.0


class TopicReader:
    """The records of one topic, from the first one on or from the last few. Close it.

    Args:
        topic: What to read.
        connection: Fields of :class:`~racto.kafka.KafkaConsumerConfig` that name the brokers.
        extra: Further options of librdkafka.
        last: How many records of each partition to begin with; None for all.
        stall_s: Seconds without a record after which reading to the end gives up.

    Attributes:
        total: How many records there were to read when it was opened; compaction may have
            taken some of them.

    Raises:
        NotFoundError: If there is no such topic.
        RactoGatewayError: If the brokers cannot be reached or refuse.
    """

    def __init__(
        self,
        topic: str,
        connection: Mapping[str, Any],
        *,
        extra: Mapping[str, Any] | None = None,
        last: int | None = None,
        stall_s: float = 30.0,
    ) -> None:
        self._topic, self._stall = topic, stall_s
        # Reading must neither make topics nor guess where a partition ends.
        own = {"enable.partition.eof": True, "allow.auto.create.topics": False}
        config = KafkaConsumerConfig(
            **connection, auto_offset_reset="earliest", extra={**(extra or {}), **own}
        )
        self._client = new_consumer(consumer_options(config))
        try:
            with translated(f"looking at topic {topic!r}"):
                self._ends = self._assign(last)
        except BaseException:
            self._client.close()
            raise

    def _assign(self, last: int | None) -> dict[int, int]:
        found = self._client.list_topics(self._topic, timeout=_QUESTION_SECONDS)
        described = found.topics[self._topic]
        # librdkafka describes what it does not find, with an error inside.
        if described.error is not None or not described.partitions:
            raise NotFoundError(
                f"there is no topic {self._topic!r} to read; check its name", provider=PROVIDER
            )
        starts, ends = {}, {}
        for part in described.partitions:
            (asked,) = positions({(self._topic, part): 0})
            low, high = self._client.get_watermark_offsets(asked, timeout=_QUESTION_SECONDS)
            start = low if last is None else max(low, high - last)
            starts[self._topic, part] = start
            if start < high:
                ends[part] = high
        self.total = sum(high - starts[self._topic, part] for part, high in ends.items())
        self._client.assign(positions(starts))
        return ends

    def entries(self, *, follow: bool = False) -> Iterator[AuditEntry]:
        """The records in the order of their partitions; tombstones have an empty value.

        Args:
            follow: Whether to wait for new records at the end, for ever.

        Raises:
            RactoGatewayTimeoutError: If nothing came for ``stall_s`` seconds before the end.
            RactoGatewayError: If the brokers refuse.
        """
        open_parts, last = dict(self._ends), time.monotonic()
        while open_parts or follow:
            with translated(f"reading topic {self._topic!r}"):
                records = self._client.consume(_BATCH, _TURN_SECONDS)
            if records:
                last = time.monotonic()
            elif not follow and time.monotonic() - last > self._stall:
                raise RactoGatewayTimeoutError(
                    f"topic {self._topic!r}: nothing came for {self._stall:g} s, and partitions "
                    f"{sorted(open_parts)} are not read to their end",
                    provider=PROVIDER,
                )
            for record in records:
                if record.error() is not None:
                    self._note(record, open_parts)
                    continue
                entry = _entry(self._topic, record)
                # What came after the reader was opened is for the next one.
                if follow or (entry.part in open_parts and entry.number < self._ends[entry.part]):
                    yield entry
                if entry.number + 1 >= self._ends.get(entry.part, 0):
                    open_parts.pop(entry.part, None)

    def _note(self, record: Any, open_parts: dict[int, int]) -> None:
        error = record.error()
        if name_of(error) == "_PARTITION_EOF":
            open_parts.pop(record.partition(), None)
        elif error.fatal() or not error.retriable():
            raise failure(error, f"reading topic {self._topic!r}")

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()


def _entry(topic: str, record: Any) -> AuditEntry:
    value = record.value()
    return AuditEntry(topic, record.partition(), record.offset(), record.key(), value or b"")
