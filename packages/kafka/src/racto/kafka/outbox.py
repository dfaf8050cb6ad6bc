"""Serialises records and hands them to librdkafka, waiting where its queue is full."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
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

from .deliveries import SIZE_HINT, Deliveries, Report
from .failures import PROVIDER, failure, name_of
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
        self._produce = _by_keyword(client.produce) if by_keyword else client.produce
        # librdkafka's own client encodes text faster than a serialiser could.
        self._has_plain_keys = key is None and not by_keyword
        self._report = deliveries.report
        self._key = key or key_bytes
        self._value = value or json_bytes

    def took_at_once(
        self,
        topic: str,
        value: Any,
        key: Any,
        headers: Headers | None,
        partition: int | None,
        timestamp_ms: int | None,
        report: Report | None = None,
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
                report or self._report,
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
                    f"{self._deliveries.connection.because()}; publish more slowly, wait longer, or raise "
                    "them in extra",
                    provider=PROVIDER,
                )
            # Polling makes room: a reported record leaves the queue.
            yield from step(self._client.poll, asyncio.sleep, min(pause, end.remaining()))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def submitted(self, record: Record, end: Deadline) -> Flow[Future[KafkaProduceResult]]:
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

    def settled(
        self, receipt: Future[KafkaProduceResult], topic: str, end: Deadline
    ) -> Flow[KafkaProduceResult]:
        """Wait for a receipt.

        Raises:
            RactoGatewayTimeoutError: If it does not come until ``end``.
        """
        try:
            return (yield from step(_result, _aresult, receipt, end.timeout()))
        except TimeoutError as error:
            # A record whose own time was up fails with a TimeoutError too, and that is final.
            if receipt.done():
                raise
            raise RactoGatewayTimeoutError(
                f"no broker acknowledged a record to {topic!r} in time{self._deliveries.connection.because()}"
                "; it is still queued and may arrive later: wait longer, or check the brokers",
                provider=PROVIDER,
                retryable=False,
            ) from error

    def published_many(
        self, requests: Iterable[KafkaPublishRequest], wait: bool, end: Deadline
    ) -> Flow[list[KafkaProduceResult]]:
        """Hand over several records, all of them serialised before the first goes."""
        records = [self.record_of(request) for request in requests]
        if not wait:
            for record in records:
                yield from self.queued(record, self._report, end)
            return []
        results: list[KafkaProduceResult] = []
        errors: list[RactoGatewayError] = []
        receipts: list[Future[KafkaProduceResult] | RactoGatewayError] = []
        for record in records:
            try:
                receipts.append((yield from self.submitted(record, end)))
            except RactoGatewayError as error:
                receipts.append(error)
        for record, receipt in zip(records, receipts, strict=True):
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


def _result(receipt: Future[KafkaProduceResult], timeout: float | None) -> KafkaProduceResult:
    return receipt.result(timeout)


async def _aresult(
    receipt: Future[KafkaProduceResult], timeout: float | None
) -> KafkaProduceResult:
    return await asyncio.wait_for(asyncio.wrap_future(receipt), timeout)


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


def _by_keyword(produce: Callable[..., Any]) -> Callable[..., None]:
    """A foreign client's ``produce`` as librdkafka's: options that say nothing are left out."""

    def call(
        topic: str,
        value: Any,
        key: Any,
        partition: int,
        report: Report,
        _: None,
        timestamp: int,
        headers: Any = None,
    ) -> None:
        options: dict[str, Any] = {"partition": partition} if partition >= 0 else {}
        if timestamp:
            options["timestamp"] = timestamp
        if headers is not None:
            options["headers"] = headers
        produce(topic, value=value, key=key, on_delivery=report, **options)

    return call


def checked_client(client: Any, methods: str, what: str) -> Any:
    """The user's own client, if it has what is needed.

    Args:
        client: What the user handed in.
        methods: What it must have, with blanks between.
        what: The parameter's name.

    Raises:
        ConfigurationError: If it has not.
    """
    missing = [name for name in methods.split() if not callable(getattr(client, name, None))]
    if missing:
        raise ConfigurationError(
            f"{what} is a {type(client).__name__} without {', '.join(missing)}; hand in a client "
            "of confluent-kafka, or leave it out"
        )
    return client
