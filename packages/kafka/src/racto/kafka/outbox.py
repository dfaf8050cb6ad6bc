"""Serialises records and hands them to librdkafka, waiting where its queue is full."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from racto.core.deadlines import Deadline
from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    OverloadedError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.core.flows import Flow, step

from .deliveries import SIZE_HINT, Deliveries, Receipt, Report
from .failures import PROVIDER, failure, name_of, translated
from .foreign import by_name
from .messages import Headers, KafkaProduceResult, KafkaPublishRequest
from .serialisers import json_bytes, key_bytes

Record: TypeAlias = tuple[str, Any, Any, int, Any, int]
"""Topic, value, key, partition, headers and timestamp, as librdkafka takes them."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05
_ANY_PARTITION = -1


class Outbox:
    """The way of a record into librdkafka's queue and, for those who wait, of its receipt back.

    Args:
        client: A producer of confluent-kafka, or what has its ``produce`` and ``poll``.
        deliveries: Where reports go.
        key: Keys to bytes, given key and topic; None for text in UTF-8.
        value: Values to bytes, given value and topic; None for JSON.
        by_keyword: Whether the client is the user's, which may order its parameters otherwise.
    """

    def __init__(
        self,
        client: Any,
        deliveries: Deliveries,
        *,
        key: Callable[[Any, str], bytes] | None,
        value: Callable[[Any, str], bytes] | None,
        by_keyword: bool,
    ) -> None:
        self._client = client
        self._deliveries = deliveries
        self._produce = by_name(client.produce) if by_keyword else client.produce
        # librdkafka's own client encodes text faster than a serialiser could.
        self._has_plain_keys = key is None and not by_keyword
        self._report = deliveries.report
        self._key = _strict(key, "key_serializer") if key is not None else key_bytes
        self._value = _strict(value, "value_serializer") if value is not None else json_bytes

    def shut(self, because: str) -> None:
        """Take no record any more, not even those that wait for room.

        Args:
            because: What whoever comes is told.
        """

        def refuse(*_: Any) -> NoReturn:
            raise ConfigurationError(because)

        # In the place of what every record goes through, so that open ones pay nothing for it.
        self._produce = refuse

    def took_at_once(
        self,
        topic: str,
        value: Any,
        key: Any,
        headers: Headers | None,
        partition: int | None,
        timestamp_ms: int | None,
    ) -> bool:
        """Serialise and hand over a record in one go, if nothing is in the way.

        Once a record that nobody waits for; each call more is a measurable part of it.
        """
        if headers is not None or (key is not None and key.__class__ is not str):
            return False
        try:
            self._produce(
                topic,
                None if value is None else self._value(value, topic),
                key if key is None or self._has_plain_keys else self._key(key, topic),
                _ANY_PARTITION if partition is None else partition,
                self._report,
                None,
                timestamp_ms or 0,
            )
        # What was in the way meets the long way too, which tells it apart and raises it.
        except Exception:
            return False
        return True

    def record(
        self,
        topic: str,
        value: Any,
        key: Any,
        headers: Headers | None,
        partition: int | None,
        timestamp_ms: int | None,
    ) -> Record:
        """Serialise what shall be published.

        Raises:
            BadRequestError: If a serialiser raises, or returns no bytes.
        """
        data = value
        try:
            if value is not None:
                data = self._value(value, topic)
            if key is not None and not (self._has_plain_keys and key.__class__ is str):
                key = self._key(key, topic)
        except RactoGatewayError:
            raise
        except Exception as error:
            _unserialisable(topic, error)
        if headers is not None:
            headers = list(headers.items() if isinstance(headers, Mapping) else headers)
        place = _ANY_PARTITION if partition is None else partition
        return topic, data, key, place, headers, timestamp_ms or 0

    def json_record(
        self,
        topic: str,
        payload: Any,
        key: Any,
        headers: Headers | None,
        partition: int | None,
        timestamp_ms: int | None,
    ) -> Record:
        """Serialise as :meth:`record` does, but the value as JSON whatever the serialiser is."""
        empty = self.record(topic, None, key, headers, partition, timestamp_ms)
        if payload is None:
            return empty
        try:
            return (topic, json_bytes(payload, topic), *empty[2:])
        except ValueError as error:
            _unserialisable(topic, error)

    def record_of(self, request: KafkaPublishRequest) -> Record:
        """Serialise a request."""
        return self.record(
            request.topic,
            request.value,
            request.key,
            request.headers,
            request.partition,
            request.timestamp_ms,
        )

    def took(self, record: Record, report: Report) -> bool:
        """Hand a record to librdkafka; whether its queue had room.

        Raises:
            RactoGatewayError: If librdkafka refuses the record.
        """
        topic, data, key, partition, headers, timestamp = record
        try:
            self._produce(topic, data, key, partition, report, None, timestamp, headers)
        except BufferError:
            return False
        except RactoGatewayError:
            raise
        except Exception as error:
            _refused(topic, error)
        return True

    def queued(self, record: Record, report: Report, end: Deadline) -> Flow[None]:
        """Hand a record over as soon as there is room.

        Raises:
            OverloadedError: If there was none until ``end``.
        """
        pause = _FIRST_PAUSE
        while not self.took(record, report):
            if end.expired:
                raise OverloadedError(
                    f"the producer's local queue had no room for a record to {record[0]!r}: "
                    "queue.buffering.max.messages or queue.buffering.max.kbytes is reached"
                    f"{self._because}; publish more slowly, wait longer, or raise them in extra",
                    provider=PROVIDER,
                )
            # Polling makes room: a reported record leaves the queue.
            yield from step(self._polled, _slept, min(pause, end.remaining()))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _polled(self, seconds: float) -> None:
        with translated("waiting for room in the producer's queue"):
            self._client.poll(seconds)

    def submitted(self, record: Record, end: Deadline) -> Flow[Receipt]:
        """Hand a record over and return its receipt to come."""
        report, receipt = self._deliveries.waiter()
        try:
            yield from self.queued(record, report, end)
        except BaseException:
            self._deliveries.forget_waiter()
            raise
        return receipt

    def sent(self, record: Record, wait: bool, end: Deadline) -> Flow[KafkaProduceResult | None]:
        """Hand a record over, and wait for its receipt if that is wanted."""
        if wait:
            return (yield from self.published(record, end))
        yield from self.queued(record, self._report, end)
        return None

    def published(self, record: Record, end: Deadline) -> Flow[KafkaProduceResult]:
        """Hand a record over and wait for its receipt."""
        receipt = yield from self.submitted(record, end)
        return (yield from self.settled(receipt, record[0], end))

    def settled(self, receipt: Receipt, topic: str, end: Deadline) -> Flow[KafkaProduceResult]:
        """Wait for a receipt; when the waiting ends otherwise, a failure of the record is logged.

        Raises:
            RactoGatewayTimeoutError: If it does not come until ``end``.
        """
        try:
            return (yield from step(_result, _aresult, receipt, end.timeout()))
        except TimeoutError as error:
            # A record whose own time was up fails with a TimeoutError too, and that is final.
            if receipt.done():
                return receipt.result()
            self._deliveries.leave(receipt)
            raise RactoGatewayTimeoutError(
                f"no broker acknowledged a record to {topic!r} in time{self._because}; it is "
                "still queued and may arrive later: wait longer, or check the brokers",
                provider=PROVIDER,
                retryable=False,
            ) from error
        except RactoGatewayError:
            raise
        except BaseException:
            self._deliveries.leave(receipt)
            raise

    def published_many(
        self, requests: Iterable[KafkaPublishRequest], wait: bool, end: Deadline
    ) -> Flow[list[KafkaProduceResult]]:
        """Hand over several records, all of them serialised before the first goes."""
        records = [self.record_of(request) for request in requests]
        if not wait:
            yield from self._queued_all(records, end)
            return []
        receipts: deque[Receipt | RactoGatewayError] = deque()
        try:
            for record in records:
                try:
                    receipts.append((yield from self.submitted(record, end)))
                except RactoGatewayError as error:
                    receipts.append(error)
            return (yield from self._settled_all(records, receipts, end))
        finally:
            # Those that nobody came to wait for, because the waiting was broken off.
            for receipt in receipts:
                if isinstance(receipt, Receipt):
                    self._deliveries.leave(receipt)

    def _queued_all(self, records: list[Record], end: Deadline) -> Flow[None]:
        for number, record in enumerate(records):
            try:
                yield from self.queued(record, self._report, end)
            except RactoGatewayError as error:
                error.add_note(f"{number} of {len(records)} records were queued before it")
                raise

    def _settled_all(
        self, records: list[Record], receipts: deque[Receipt | RactoGatewayError], end: Deadline
    ) -> Flow[list[KafkaProduceResult]]:
        """Wait for the receipts of records, and take each out of the queue when it is settled."""
        results: list[KafkaProduceResult] = []
        errors: list[RactoGatewayError] = []
        for record in records:
            receipt = receipts.popleft()
            try:
                if isinstance(receipt, RactoGatewayError):
                    raise receipt
                results.append((yield from self.settled(receipt, record[0], end)))
            except RactoGatewayError as error:
                errors.append(error)
        if errors:
            errors[0].add_note(f"{len(errors)} of {len(records)} records were not acknowledged")
            raise errors[0]
        return results

    @property
    def _because(self) -> str:
        return self._deliveries.connection.because()


def _result(receipt: Receipt, timeout: float | None) -> KafkaProduceResult:
    return receipt.result(timeout)


async def _aresult(receipt: Receipt, timeout: float | None) -> KafkaProduceResult:
    return await asyncio.wait_for(asyncio.wrap_future(receipt), timeout)


async def _slept(seconds: float) -> None:
    # The pump polls meanwhile.
    await asyncio.sleep(seconds)


def _strict(serialise: Callable[[Any, str], Any], name: str) -> Callable[[Any, str], bytes]:
    """A serialiser of the user's that may not turn a value into nothing, which deletes a key."""

    def call(value: Any, topic: str) -> bytes:
        data = serialise(value, topic)
        if not isinstance(data, (bytes, bytearray, memoryview, str)):
            raise TypeError(f"{name} returned {type(data).__name__}, not bytes")
        return data.encode() if isinstance(data, str) else bytes(data)

    return call


def _unserialisable(topic: str, error: Exception) -> NoReturn:
    raise BadRequestError(
        f"a record to {topic!r} cannot be serialised: {type(error).__name__}: {error!s:.200}",
        provider=PROVIDER,
    ) from error


def _refused(topic: str, error: Exception) -> NoReturn:
    doing = f"queueing a record to {topic!r}"
    if isinstance(error, (TypeError, ValueError, NotImplementedError)):
        raise BadRequestError(
            f"{doing} failed: {error!s:.200}; topic, partition, key, headers or timestamp is of "
            "the wrong kind",
            provider=PROVIDER,
        ) from error
    hint = SIZE_HINT if name_of(error) == "MSG_SIZE_TOO_LARGE" else ""
    raise failure(error, doing, hint=hint) from error
