"""Publishes records idempotently, and tells of each whether it was delivered."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from racto.core.deadlines import Deadline
from racto.core.errors import ConfigurationError
from racto.core.flows import arun, run, threaded
from racto.core.protocols.metrics import Metrics

from .clients import LOGGER, both, contained, new_producer
from .config import KafkaProducerConfig
from .deliveries import Deliveries, KafkaDeliveryFailure
from .failures import translated
from .foreign import checked_client
from .forks import watched
from .messages import Headers, KafkaProduceResult, KafkaPublishRequest
from .options import producer_options
from .outbox import Outbox
from .pumps import Pump
from .serialisers import Serialiser, with_topic
from .statistics import with_statistics

_FLUSH_AT_EXIT = 10.0
_PURGE_SECONDS = 1.0
_CLOSED = "the producer was used after close(); make another one"


class KafkaProducerClient:
    """Publishes records. Safe to share between threads and tasks; made in one process, used there.

    A record is serialised before ``publish`` returns. Values are written as JSON, bytes as they
    are, and None deletes the key. What :meth:`publish` does not wait for and what then fails is
    logged, kept in :attr:`failures`, handed to ``on_failure``, and counted by :meth:`flush`.

    Args:
        config: Connection and guarantees; the defaults when None.
        producer: A producer that is there already, with confluent-kafka's ``produce``, ``poll``
            and ``flush``. It gets bytes, serialised as without it, and is flushed but not closed.
        key_serializer: Keys to bytes, in place of UTF-8 text; takes the key, or key and topic.
        value_serializer: Values to bytes, in place of JSON; takes the value, or value and topic,
            as a schema registry needs it. It is not asked about None.
        on_failure: Called with each record nobody waits for that was not delivered; on a thread of
            the client's, so be quick.
        metrics: Told every ten seconds how much is queued, and of each failure.

    Raises:
        ConfigurationError: If librdkafka refuses an option, or ``producer`` is of another kind.
    """

    def __init__(
        self,
        *,
        config: KafkaProducerConfig | None = None,
        producer: Any = None,
        key_serializer: Serialiser | None = None,
        value_serializer: Serialiser | None = None,
        on_failure: Callable[[KafkaDeliveryFailure], None] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._config = config or KafkaProducerConfig()
        self._deliveries = Deliveries(on_failure, metrics)
        self._is_own = producer is None
        self._client = (
            self._made(metrics)
            if producer is None
            else checked_client(producer, "produce poll flush", "producer")
        )
        self._outbox = Outbox(
            self._client,
            self._deliveries,
            key=key_serializer and with_topic(key_serializer, "key_serializer"),
            value=value_serializer and with_topic(value_serializer, "value_serializer"),
            by_keyword=not self._is_own,
        )
        self._pump = Pump(self._client.poll, self._deliveries.is_awaited)
        self._why_closed = ""
        # A signal handler may close what the main thread is closing.
        self._closing = threading.RLock()
        self._goodbye = weakref.finalize(self, _let_go, self._client, self._pump)
        watched(self)

    def _made(self, metrics: Metrics | None) -> Any:
        options = with_statistics(producer_options(self._config), metrics)
        options["error_cb"] = both(self._deliveries.connection.note, options.get("error_cb"))
        for name in ("error_cb", "stats_cb", "throttle_cb"):
            if callable(options.get(name)):
                options[name] = contained(options[name])
        return new_producer(options)

    @property
    def config(self) -> KafkaProducerConfig:
        """The settings."""
        return self._config

    @property
    def raw(self) -> Any:
        """The client of confluent-kafka, for what this one does not offer."""
        return self._client

    @property
    def failures(self) -> Sequence[KafkaDeliveryFailure]:
        """The latest records that were not delivered and that nobody waited for.

        A thousand, or fewer that hold 64 MiB together.
        """
        return self._deliveries.failures

    # -- publishing --------------------------------------------------------------------------

    def publish(
        self,
        topic: str,
        value: Any,
        *,
        key: Any = None,
        headers: Headers | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        wait: bool = True,
        timeout_s: float = 10.0,
    ) -> KafkaProduceResult | None:
        """Publish one record.

        Args:
            topic: Where it goes.
            value: What the value serialiser takes; None deletes the key on a compacted topic.
            key: Records of one key go to one partition, in order.
            headers: Facts beside the value.
            partition: The partition; None lets the key decide, or spreads records without one.
            timestamp_ms: Milliseconds since 1970; None for now.
            wait: Whether to wait for the broker's acknowledgement.
            timeout_s: Most seconds to wait: for the acknowledgement, and for room in the queue.

        Returns:
            Where the record is; None when nobody waited.

        Raises:
            RactoGatewayTimeoutError: If no acknowledgement came in time. The record stays in the
                queue and may still be delivered; if it fails, it is told like one that nobody
                waited for.
            OverloadedError: If the queue was full all the time; the record is not in it.
            BadRequestError: If the record is too large or cannot be serialised.
            RactoGatewayError: If the broker refused the record.
        """
        outbox = self._outbox
        if not wait and outbox.took_at_once(topic, value, key, headers, partition, timestamp_ms):
            return None
        record = outbox.record(topic, value, key, headers, partition, timestamp_ms)
        end = Deadline.after(timeout_s)
        return run(outbox.sent(record, wait, end))

    async def apublish(
        self,
        topic: str,
        value: Any,
        *,
        key: Any = None,
        headers: Headers | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        wait: bool = True,
        timeout_s: float = 10.0,
    ) -> KafkaProduceResult | None:
        """Async twin of :meth:`publish`; a record whose task is cancelled is delivered all the same."""
        outbox = self._outbox
        if not wait and outbox.took_at_once(topic, value, key, headers, partition, timestamp_ms):
            return None
        record = outbox.record(topic, value, key, headers, partition, timestamp_ms)
        end = Deadline.after(timeout_s)
        return await arun(outbox.sent(record, wait, end))

    def publish_json(
        self,
        topic: str,
        payload: Any,
        *,
        key: Any = None,
        headers: Headers | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        wait: bool = True,
        timeout_s: float = 10.0,
    ) -> KafkaProduceResult | None:
        """Publish JSON, whatever the value serialiser is; else as :meth:`publish`.

        Args:
            topic: Where it goes.
            payload: What JSON can say; None deletes the key on a compacted topic.
            key: Records of one key go to one partition, in order.
            headers: Facts beside the value.
            partition: The partition; None lets the key decide.
            timestamp_ms: Milliseconds since 1970; None for now.
            wait: Whether to wait for the broker's acknowledgement.
            timeout_s: Most seconds to wait.
        """
        record = self._open.json_record(topic, payload, key, headers, partition, timestamp_ms)
        return run(self._open.sent(record, wait, Deadline.after(timeout_s)))

    async def apublish_json(
        self,
        topic: str,
        payload: Any,
        *,
        key: Any = None,
        headers: Headers | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        wait: bool = True,
        timeout_s: float = 10.0,
    ) -> KafkaProduceResult | None:
        """Async twin of :meth:`publish_json`."""
        record = self._open.json_record(topic, payload, key, headers, partition, timestamp_ms)
        return await arun(self._open.sent(record, wait, Deadline.after(timeout_s)))

    def publish_many(
        self,
        requests: Iterable[KafkaPublishRequest],
        *,
        wait: bool = True,
        timeout_s: float = 30.0,
    ) -> list[KafkaProduceResult]:
        """Publish several records; all are serialised before the first is queued.

        Args:
            requests: The records.
            wait: Whether to wait for all acknowledgements.
            timeout_s: Most seconds for all of them together.

        Returns:
            Where each record is, in their order; empty when nobody waited.

        Raises:
            RactoGatewayError: The first failure as :meth:`publish` raises it, once all records
                have been tried; a note says how many were not delivered.
        """
        return run(self._open.published_many(requests, wait, Deadline.after(timeout_s)))

    async def apublish_many(
        self,
        requests: Iterable[KafkaPublishRequest],
        *,
        wait: bool = True,
        timeout_s: float = 30.0,
    ) -> list[KafkaProduceResult]:
        """Async twin of :meth:`publish_many`."""
        return await arun(self._open.published_many(requests, wait, Deadline.after(timeout_s)))

    def submit(
        self, request: KafkaPublishRequest, *, timeout_s: float = 10.0
    ) -> Future[KafkaProduceResult]:
        """Queue one record and return its receipt to come.

        Args:
            request: The record.
            timeout_s: Most seconds to wait for room in the queue.

        Returns:
            A future of the record's place, or of the error for which it was not delivered. It
            cannot be cancelled. Its callbacks run on a thread of the client's; keep them quick.
        """
        return run(self._open.submitted(self._outbox.record_of(request), Deadline.after(timeout_s)))

    async def asubmit(
        self, request: KafkaPublishRequest, *, timeout_s: float = 10.0
    ) -> asyncio.Future[KafkaProduceResult]:
        """Async twin of :meth:`submit`: the future is one to await."""
        record, end = self._open.record_of(request), Deadline.after(timeout_s)
        return asyncio.wrap_future(await arun(self._outbox.submitted(record, end)))

    # -- the end -----------------------------------------------------------------------------

    def flush(self, timeout: float | None = None) -> int:
        """Wait until every record is delivered or has failed.

        Args:
            timeout: Most seconds to wait; None for as long as ``delivery.timeout.ms`` lets
                records wait.

        Returns:
            Records that are not delivered: those still queued, and those that failed since the
            last flush with nobody waiting for them.
        """
        queued = 0
        if not self._why_closed:
            with translated("flushing the producer"):
                queued = int(self._client.flush(-1 if timeout is None else timeout))
        return queued + self._deliveries.take_untold()

    aflush = threaded(flush)

    def close(self, *, timeout: float | None = None) -> None:
        """Deliver what is queued, then give the connection back; twice is fine.

        Args:
            timeout: Most seconds to wait for deliveries; None as in :meth:`flush`.

        Raises:
            RactoGatewayError: If records were not delivered that nobody has been told of.
        """
        with self._closing:
            if self._why_closed:
                return
            self._shut(_CLOSED)
            try:
                queued = self._emptied(timeout)
            except BaseException:
                # Closing it would wait for what is queued, and whoever interrupts does not want to.
                if self._is_own:
                    self._client.purge()
                raise
            finally:
                self._ended()
        failed = self._deliveries.take_untold()
        if queued or failed:
            raise self._deliveries.loss(queued, failed)

    aclose = threaded(close)

    def _shut(self, why: str) -> None:
        self._why_closed = why
        self._outbox.shut(why)

    def _emptied(self, timeout: float | None) -> int:
        with translated("closing the producer"):
            queued = int(self._client.flush(-1 if timeout is None else timeout))
            if queued and self._is_own:
                # Each of them is reported as failed, so that on_failure gets it.
                self._client.purge()
                queued = int(self._client.flush(_PURGE_SECONDS))
        return queued

    def _ended(self) -> None:
        self._goodbye.detach()
        self._pump.stop()
        if self._is_own:
            # A fenced producer says so once more, in a way that Python takes for a bug.
            with suppress(SystemError):
                self._client.close()

    def _left_behind(self, because: str) -> None:
        self._shut(f"the producer cannot be used: {because}")
        self._goodbye.detach()
        # Its locks may have been held while the process was forked.
        self._deliveries, self._closing = Deliveries(), threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def _open(self) -> Outbox:
        if self._why_closed:
            raise ConfigurationError(self._why_closed)
        return self._outbox


def _let_go(client: Any, pump: Pump) -> None:
    """What a producer leaves behind that nobody closed, at the latest when the process ends."""
    if pump.is_here:
        # Collected in the middle of a report, which would wait for itself.
        threading.Thread(target=_let_go, args=(client, pump), name="racto-kafka-end").start()
        return
    try:
        if queued := client.flush(_FLUSH_AT_EXIT):
            LOGGER.error("%d records were lost: their producer was never closed", queued)
    finally:
        pump.stop()
