"""Reads messages, commits what the caller has handled, and gives each message out once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from racto.core.errors import ConfigurationError
from racto.core.protocols.metrics import Metrics

from .clients import (
    both,
    known,
    new_consumer,
    partitions as as_partitions,
    positions as as_positions,
)
from .config import KafkaConsumerConfig
from .connections import ConnectionLog, commits_told
from .failures import failure, name_of, translated
from .foreign import checked_client
from .forks import watched
from .inbox import Inbox
from .messages import KafkaMessage, Offsets, Place
from .options import consumer_options
from .rebalances import RebalanceListener, Rebalances
from .serialisers import Deserialiser, with_topic
from .statistics import METRIC_LAG, with_statistics
from .surveys import lags_of, partitions_of
from .threads import on_own_thread

_METHODS = "subscribe consume assignment commit close"
_CLOSED = "the consumer was used after close(); make another one"


class KafkaConsumerClient:
    """Reads messages. One thread or task polls; others may commit, pause and ask meanwhile.

    Values are read as JSON, keys as text. What cannot be deserialised is not lost and stops
    nobody: such a message carries its bytes and an ``error``. Async methods run on a thread of
    the consumer's own, so that no poll blocks the event loop.

    Args:
        config: What to read, and as whom.
        consumer: A consumer of confluent-kafka that is there already; it is subscribed to the
            config's topics, if there are any, its messages are deserialised as without it, and it
            is closed with this one.
        key_deserializer: Bytes to keys, in place of text; takes bytes, or bytes and topic.
        value_deserializer: Bytes to values, in place of JSON; takes bytes, or bytes and topic.
            Neither is asked about None.
        listener: Told of partitions that come and go, as with :meth:`listen`.
        metrics: Told every ten seconds, and by :meth:`lag`, how far behind each partition is.

    Raises:
        ConfigurationError: If librdkafka refuses an option, or ``consumer`` is of another kind.
    """

    def __init__(
        self,
        *,
        config: KafkaConsumerConfig,
        consumer: Any = None,
        key_deserializer: Deserialiser | None = None,
        value_deserializer: Deserialiser | None = None,
        listener: RebalanceListener | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._config = config
        self._metrics = metrics
        self._connection = ConnectionLog()
        self._client = (
            self._made() if consumer is None else checked_client(consumer, _METHODS, "consumer")
        )
        self._inbox = Inbox(
            self._client,
            key=key_deserializer and with_topic(key_deserializer, "key_deserializer"),
            value=value_deserializer and with_topic(value_deserializer, "value_deserializer"),
        )
        self._rebalances = Rebalances(self._inbox.drop)
        if listener is not None:
            self.listen(listener)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="racto-kafka-consumer")
        self._why_closed = ""
        self._is_started = False
        watched(self)
        if config.topic_names and config.group_id is not None:
            self.subscribe(config.topic_names)

    def _made(self) -> Any:
        options = with_statistics(consumer_options(self._config), self._metrics)
        options["error_cb"] = both(self._connection.note, options.get("error_cb"))
        options["on_commit"] = commits_told(options.get("on_commit"))
        return new_consumer(options)

    @property
    def config(self) -> KafkaConsumerConfig:
        """The settings."""
        return self._config

    @property
    def raw(self) -> Any:
        """The client of confluent-kafka, for what this one does not offer."""
        return self._client

    # -- partitions --------------------------------------------------------------------------

    def listen(self, listener: RebalanceListener) -> None:
        """Tell somebody of partitions that come and go; what it raises the next poll raises."""
        self._rebalances.add(listener)

    def subscribe(self, topics: Iterable[str]) -> None:
        """Read these topics with the group, in place of those before; ``^...`` is a pattern.

        Raises:
            ConfigurationError: If there is no group, or no topic.
        """
        self._need_group("subscribe()")
        wanted = [topics] if isinstance(topics, str) else list(topics)
        told = self._rebalances
        with translated(f"subscribing to {wanted}"):
            self._open.subscribe(
                wanted, on_assign=told.on_assign, on_revoke=told.on_revoke, on_lost=told.on_lost
            )
        self._is_started = True

    def assign(self, offsets: Offsets | Iterable[Place]) -> None:
        """Read these partitions, whoever else does, in place of those before.

        Args:
            offsets: Partitions, each with the offset to begin at; or partitions alone, which
                begin at the group's offset or where ``auto_offset_reset`` says.
        """
        chosen = as_positions(offsets) if isinstance(offsets, dict) else as_partitions(offsets)
        with translated("assigning partitions"):
            self._open.assign(chosen)
        self._inbox.drop(tuple(self._inbox.starts()))
        self._is_started = True

    def assignment(self) -> tuple[Place, ...]:
        """The partitions that are the consumer's now; empty until the group has settled."""
        with translated("asking for the assignment"):
            return tuple((each.topic, each.partition) for each in self._open.assignment())

    def pause(self, places: Iterable[Place]) -> None:
        """Fetch nothing from these partitions until :meth:`resume`; they stay the consumer's."""
        with translated("pausing partitions"):
            self._open.pause(as_partitions(places))

    def resume(self, places: Iterable[Place]) -> None:
        """Undo :meth:`pause`."""
        with translated("resuming partitions"):
            self._open.resume(as_partitions(places))

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Read a partition from an offset on; messages kept from before it are forgotten.

        Raises:
            RactoGatewayError: If the partition is not the consumer's.
        """
        place = (topic, partition)
        with translated(f"seeking in {topic!r}, partition {partition}"):
            self._open.seek(*as_positions({place: offset}))
        self._inbox.drop((place,))

    aseek = on_own_thread(seek)

    # -- reading -----------------------------------------------------------------------------

    def poll(
        self, *, timeout_ms: int | None = None, max_records: int | None = None
    ) -> list[KafkaMessage]:
        """Return the next messages as soon as there is one, in order within each partition.

        Args:
            timeout_ms: Most milliseconds to wait for the first one; the config's when None. 0
                waits for one millisecond, so that a loop of polls does not burn a core.
            max_records: Most messages to return; the config's when None.

        Returns:
            The messages; none when the time was up.

        Raises:
            APIConnectionError: If no broker has been reached since the consumer was made.
            RactoGatewayError: If the group or a partition failed in a way that does not mend
                itself. Messages from before that were returned first, and polling may go on.
            ConfigurationError: If there is nothing to read: no topics and no assignment.
        """
        most = self._config.max_poll_records if max_records is None else max_records
        wait = self._config.poll_timeout_ms if timeout_ms is None else timeout_ms
        self._start()
        messages = self._inbox.take(most, wait / 1000)
        if self._rebalances.errors:
            self._inbox.keep(messages)
            raise self._rebalances.errors.pop(0)
        if messages:
            self._connection.is_up = True
        else:
            self._connection.is_up |= self._rebalances.has_begun
            self._connection.check()
        return messages

    async def apoll(
        self, *, timeout_ms: int | None = None, max_records: int | None = None
    ) -> list[KafkaMessage]:
        """Async twin of :meth:`poll`; what a cancelled one reads or raises the next one does."""
        try:
            read = self._thread.submit(self.poll, timeout_ms=timeout_ms, max_records=max_records)
        except RuntimeError:
            # The thread has ended with its owner, who says better what is wrong.
            return self.poll(timeout_ms=timeout_ms, max_records=max_records)
        awaited = asyncio.wrap_future(read)
        try:
            return await asyncio.shield(awaited)
        except asyncio.CancelledError:
            read.add_done_callback(self._keep)
            # Kept for the next poll, and not to be reported as an error that nobody looked at.
            awaited.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    def _keep(self, read: Future[list[KafkaMessage]]) -> None:
        if self._why_closed or read.cancelled():
            return
        error = read.exception()
        if error is None:
            self._inbox.keep(read.result())
        elif isinstance(error, Exception):
            self._inbox.keep_error(error)

    # -- committing --------------------------------------------------------------------------

    def commit(
        self,
        message: KafkaMessage | None = None,
        *,
        offsets: Offsets | None = None,
        asynchronous: bool = False,
    ) -> None:
        """Commit offsets for the group.

        Args:
            message: Commit up to and with this message, in its partition.
            offsets: Commit these: for each partition the next offset to read.
            asynchronous: Do not wait; a failure then only goes to the log.

        With neither, everything that polls have returned so far is committed. That is for the
        thread or task that polls: elsewhere, or after an interrupt such as Ctrl-C inside of a
        poll, what that poll holds would count as returned.

        Raises:
            ConfigurationError: If there is no group, or both are given.
            RactoGatewayError: If the group refuses, as it does while partitions move.
        """
        self._need_group("commit()")
        if message is not None and offsets is not None:
            raise ConfigurationError("commit: give a message or offsets, not both")
        if message is not None:
            offsets = {message.place: message.offset + 1}
        given = self._taken() if offsets is None else as_positions(offsets)
        if not given:
            return
        try:
            done = self._open.commit(offsets=given, asynchronous=asynchronous)
        except Exception as error:
            if name_of(error) != "_NO_OFFSET":
                raise failure(error, "committing offsets") from error
            done = None
        for each in done or ():
            if each.error is not None:
                raise failure(each.error, f"committing {each.topic!r}, partition {each.partition}")

    acommit = on_own_thread(commit)

    def _taken(self) -> list[Any]:
        """The position in each partition, not counting what no caller has taken yet."""
        kept = self._inbox.starts()
        with translated("asking for positions"):
            found = self._open.position(self._open.assignment())
        read = {(p.topic, p.partition): p.offset for p in found if p.offset >= 0}
        return as_positions({**read, **{place: kept[place] for place in kept if place in read}})

    def committed(self, *, timeout_s: float = 10.0) -> dict[Place, int]:
        """The group's offset in each partition of the assignment that has one.

        Args:
            timeout_s: Most seconds to wait for the coordinator.
        """
        self._need_group("committed()")
        with translated("asking for committed offsets"):
            return known(self._open.committed(self._open.assignment(), timeout=timeout_s))

    acommitted = on_own_thread(committed)

    # -- where it stands ---------------------------------------------------------------------

    def position(self) -> dict[Place, int]:
        """The next offset to be read in each partition from which something has been read."""
        kept = self._inbox.starts()
        with translated("asking for positions"):
            return {**known(self._open.position(self._open.assignment())), **kept}

    def watermarks(self, topic: str, partition: int, *, timeout_s: float = 10.0) -> tuple[int, int]:
        """The first offset that a partition has, and the one that its next record will get.

        Args:
            topic: The topic.
            partition: Its partition.
            timeout_s: Most seconds to wait for the broker.
        """
        with translated(f"asking for the ends of {topic!r}, partition {partition}"):
            place = as_partitions([(topic, partition)])[0]
            low, high = self._open.get_watermark_offsets(place, timeout=timeout_s)
        return low, high

    awatermarks = on_own_thread(watermarks)

    def lag(self) -> dict[Place, int]:
        """How many messages of each partition are still to be read, as the last fetch knew it.

        Asks nobody and never blocks; partitions of which nothing has been fetched are left out.
        """
        lags = lags_of(self._open, self.position())
        if self._metrics is not None:
            for (topic, partition), count in lags.items():
                labels = {"topic": topic, "partition": partition}
                self._metrics.gauge(METRIC_LAG, count, labels)
        return lags

    # -- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Leave the group at once, so that others take over; twice is fine.

        Commits nothing, unless ``enable_auto_commit`` is set. A poll of another thread ends.
        """
        if self._why_closed:
            return
        self._why_closed = _CLOSED
        try:
            with self._inbox.closing(), translated("closing the consumer"):
                self._client.close()
        finally:
            self._thread.shutdown(wait=False)
        if self._rebalances.errors:
            raise self._rebalances.errors.pop(0)

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await asyncio.to_thread(self.close)

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
    def _open(self) -> Any:
        if self._why_closed:
            raise ConfigurationError(self._why_closed)
        return self._client

    def _need_group(self, what: str) -> None:
        if self._config.group_id is None:
            raise ConfigurationError(f"{what} needs a group_id, which keeps the offsets")

    def _start(self) -> None:
        client = self._open
        if self._is_started:
            return
        topics = self._config.topic_names
        if not topics:
            # Somebody may have assigned partitions to a client of their own.
            self._is_started = bool(client.assignment())
            if not self._is_started:
                raise ConfigurationError("poll: nothing to read; give topics, or assign() them")
            return
        self.assign(partitions_of(client, topics))

    def _left_behind(self, because: str) -> None:
        self._why_closed = f"the consumer cannot be used: {because}"
