"""A stream: reads messages, handles them, publishes the outputs, and commits what is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.metrics import Metrics
from racto.core.telemetry import NOOP_METRICS

from .bells import Bell
from .commits import Committer
from .consumer import KafkaConsumerClient
from .handlers import BoundHandler, Handler
from .letters import dead_letter
from .messages import KafkaMessage, KafkaPublishRequest, Place
from .offsets import OffsetTracker
from .outputs import OutputDesk
from .producer import KafkaProducerClient
from .revocations import Handover
from .shift import Shift
from .signals import drained_on_signals
from .stream_config import KafkaStreamConfig
from .stream_stats import StreamCounter, StreamStats
from .transactions import Transactions
from .verdicts import Halt

_SECONDS_UNPOLLED = 1.0


class KafkaStreamProcessor:
    """Handles a topic's messages at least once, or exactly once within Kafka.

    An offset is committed only when its message is handled, everything before it in its partition
    is, and the outputs of all of them are acknowledged. A message that fails is tried again as
    ``config.retry`` says, then put on the dead-letter topic; without one it ends the stream, and
    the next run begins with it. A batch whose handler fails is split until the message to blame
    stands alone, so handlers of batches may see a neighbour twice; :func:`~racto.kafka.each`
    avoids that.

    Args:
        consumer: Reads; with a group, subscribed to its topics, and without auto-commit.
        producer: Publishes outputs and dead letters; closed by its owner, as the consumer is.
        config: Batches, parallelism, retries and commits.
        on_given_up: Returns what else to publish for a message that is put aside, such as word to
            whoever waits for an answer.
        metrics: Told of counts, durations and lag.

    Raises:
        ConfigurationError: If the parts do not fit each other.
    """

    def __init__(
        self,
        *,
        consumer: KafkaConsumerClient,
        producer: KafkaProducerClient | None = None,
        config: KafkaStreamConfig | None = None,
        on_given_up: Callable[[KafkaMessage, Exception], Sequence[KafkaPublishRequest]]
        | None = None,
        metrics: Metrics = NOOP_METRICS,
    ) -> None:
        self._config = config = config or KafkaStreamConfig()
        _check(consumer, producer, config)
        self._consumer = consumer
        self._on_given_up = on_given_up
        self._has_metrics = metrics is not NOOP_METRICS
        self._bell = Bell()
        self._counter = StreamCounter(metrics)
        self._tracker = OffsetTracker(self._bell)
        is_exact = config.guarantee == "exactly_once"
        self._desk = OutputDesk(producer, tracker=self._tracker, bell=self._bell, at_once=is_exact)
        self._transactions = (
            Transactions(consumer, producer, tracker=self._tracker, counter=self._counter)
            if is_exact
            else None
        )
        self._committer = Committer(
            consumer,
            self._tracker,
            counter=self._counter,
            interval=config.commit_interval_ms / 1000,
            enabled=config.commit_on_success and not is_exact,
        )
        self._shift: Shift | None = None
        self._is_stopping = False
        self._redone = 0
        self._suspects: set[tuple[Place, int]] = set()
        consumer.listen(
            Handover(
                self._tracker,
                self._committer,
                purge=self._purge,
                timeout=config.revoke_timeout_s,
            )
        )

    @property
    def config(self) -> KafkaStreamConfig:
        """The settings."""
        return self._config

    @property
    def stats(self) -> StreamStats:
        """Counts since the processor was made."""
        return self._counter.stats(self._tracker.in_flight)

    def collect_batch(self) -> list[KafkaMessage]:
        """Read up to ``batch_size`` messages, within ``max_wait_ms``.

        They are the caller's to handle and to commit.

        Raises:
            RactoGatewayError: If the broker refuses to be read.
        """
        return run(self._collected(self._config.batch_size))

    async def acollect_batch(self) -> list[KafkaMessage]:
        """Async twin of :meth:`collect_batch`."""
        return await arun(self._collected(self._config.batch_size))

    def process_once(self, handler: Handler, *, output_topic: str | None = None) -> int:
        """Read one batch, handle it, publish the outputs, and commit.

        Args:
            handler: Takes the messages; returns None, a list of
                :class:`~racto.kafka.KafkaPublishRequest`, or a list of values for
                ``output_topic``.
            output_topic: Where values go.

        Returns:
            How many messages were read; 0 when none came in time.

        Raises:
            Exception: What the handler raised, if no attempt helped and there is no dead-letter
                topic. Nothing is committed from that message on, and it is read again.
            RactoGatewayError: If Kafka fails.
        """
        return run(self._work(handler, output_topic, 1, self._config.wait_for_publish))

    async def aprocess_once(self, handler: Handler, *, output_topic: str | None = None) -> int:
        """Async twin of :meth:`process_once`."""
        return await arun(self._work(handler, output_topic, 1, self._config.wait_for_publish))

    def run(
        self,
        handler: Handler,
        *,
        output_topic: str | None = None,
        iterations: int | None = None,
    ) -> int:
        """Handle messages until :meth:`stop`, SIGTERM or SIGINT; then finish, commit and return.

        Args:
            handler: As in :meth:`process_once`.
            output_topic: Where values go.
            iterations: End after so many batches, empty ones included; None goes on.

        Returns:
            How many messages were read.

        Raises:
            Exception: As :meth:`process_once` does, after what runs beside it has ended.
            KeyboardInterrupt: At a second signal.
        """
        with drained_on_signals(self.stop, enabled=self._config.handle_signals):
            return run(self._work(handler, output_topic, iterations))

    async def arun(
        self,
        handler: Handler,
        *,
        output_topic: str | None = None,
        iterations: int | None = None,
    ) -> int:
        """Async twin of :meth:`run`."""
        with drained_on_signals(self.stop, enabled=self._config.handle_signals):
            return await arun(self._work(handler, output_topic, iterations))

    def stop(self) -> None:
        """Let ``run`` end in order, from any thread; returns at once."""
        self._is_stopping = True
        self._bell.ring()

    # -- one run -----------------------------------------------------------------------------

    def _work(
        self,
        handler: Handler,
        output_topic: str | None,
        iterations: int | None,
        await_deliveries: bool = True,
    ) -> Flow[int]:
        shift = self._new_shift(handler, output_topic)
        count = done = 0
        try:
            yield from shift.open()
            while not self._is_stopping and (iterations is None or done < iterations):
                count += yield from self._cycle(shift)
                done += 1
            if not self._is_stopping:
                yield from shift.finish(deliveries=await_deliveries)
            yield from self._ended(shift, await_deliveries=await_deliveries)
        except Halt as halt:
            error = halt.error or RactoGatewayError("the stream was told to end at once")
            yield from self._recovered(shift, error)
            raise error from error.__cause__
        except Exception as error:
            yield from self._recovered(shift, error)
            raise
        finally:
            # Whatever ended the run, an interrupt too: no worker may go on without the loop.
            shift.halt()
            self._shift = None
            self._is_stopping = False
        return count

    def _cycle(self, shift: Shift) -> Flow[int]:
        yield from shift.attend()
        room = self._config.max_in_flight - self._tracker.in_flight
        if room < 1:
            yield from self._made_room(shift)
            return 0
        messages = yield from self._collected(min(self._config.batch_size, room))
        if messages:
            self._counter.consumed(len(messages))
            if self._transactions is None:
                yield from shift.take(messages)
            else:
                yield from self._transacted(shift, messages, self._transactions)
        if self._committer.is_due:
            yield from self._committer.commit_due()
            if self._has_metrics:
                self._counter.levels(self._tracker.in_flight, self._consumer.lag())
        return len(messages)

    def _collected(self, limit: int) -> Flow[list[KafkaMessage]]:
        config = self._config
        messages: list[KafkaMessage] = []
        end = time.monotonic() + config.max_wait_ms / 1000
        while True:
            wait = min(config.poll_timeout_ms, max(0, round((end - time.monotonic()) * 1000)))
            room = limit - len(messages)
            came = yield from step(
                self._consumer.poll, self._consumer.apoll, timeout_ms=wait, max_records=room
            )
            if came and not messages:
                # From the first message on only the linger counts, and it may be nothing.
                end = min(end, time.monotonic() + config.linger_ms / 1000)
            messages.extend(came)
            is_over = time.monotonic() >= end
            if len(messages) >= limit or is_over or (self._is_stopping and not messages):
                return messages

    def _made_room(self, shift: Shift) -> Flow[None]:
        """Wait until there is room for messages, without leaving the group meanwhile."""

        def has_room() -> bool:
            is_full = self._tracker.in_flight >= self._config.max_in_flight
            return not is_full or shift.has_trouble or self._is_stopping

        bell = self._bell
        if (yield from step(bell.until, bell.auntil, has_room, _SECONDS_UNPOLLED)):
            return
        # Handlers are slow. A consumer that does not poll is thrown out; one that is paused
        # gets nothing when it does.
        consumer = self._consumer
        paused = consumer.assignment()
        consumer.pause(paused)
        try:
            while not has_room():
                late = yield from step(consumer.poll, consumer.apoll, timeout_ms=100)
                # What librdkafka had handed over before the pause.
                if late:
                    yield from shift.take(late)
                yield from self._committer.commit_due()
        finally:
            # A rebalance may have come in between, and nobody may resume what is another's.
            ours = set(consumer.assignment())
            consumer.resume([place for place in paused if place in ours])

    def _transacted(
        self, shift: Shift, messages: list[KafkaMessage], transactions: Transactions
    ) -> Flow[None]:
        def work() -> Flow[None]:
            yield from shift.take(messages)
            yield from shift.finish()

        starts: dict[Place, int] = {}
        for message in messages:
            starts.setdefault(message.place, message.offset)
        try:
            yield from transactions.around(work)
            self._redone = 0
        except Exception as error:
            # Aborted, so that nothing of it counts: the same messages come again.
            self._tracker.forget(starts)
            yield from self._sought(starts)
            self._redone += 1
            if self._redone >= self._config.retry.attempts or not transactions.may_redo(error):
                raise

    # -- the end -----------------------------------------------------------------------------

    def _ended(self, shift: Shift, *, await_deliveries: bool) -> Flow[None]:
        if await_deliveries:
            yield from shift.close(self._config.drain_timeout_s)
            yield from shift.attend()
        yield from self._committer.commit_now()
        if await_deliveries:
            # What was read and not begun comes again in the next run.
            yield from self._rewound()

    def _recovered(self, shift: Shift, error: Exception) -> Flow[None]:
        """Commit what is handled all the same, and go back to what is not."""
        try:
            yield from shift.close(self._config.drain_timeout_s)
            self._desk.clear()
            yield from self._committer.commit_now()
            yield from self._rewound()
        except RactoGatewayError as further:
            error.add_note(f"and the stream could not be wound up: {further}")

    def _rewound(self) -> Flow[None]:
        yield from self._sought(self._tracker.rewind())

    def _sought(self, starts: dict[Place, int]) -> Flow[None]:
        for (topic, partition), offset in starts.items():
            yield from step(self._consumer.seek, self._consumer.aseek, topic, partition, offset)

    def _new_shift(self, handler: Handler, output_topic: str | None) -> Shift:
        if self._shift is not None:
            raise ConfigurationError("the stream is running already; one run at a time")
        has_letters = self._config.dead_letter_topic is not None
        self._shift = Shift(
            handler=BoundHandler(handler, output_topic),
            config=self._config,
            tracker=self._tracker,
            desk=self._desk,
            bell=self._bell,
            counter=self._counter,
            letters=self._letters if has_letters else None,
            suspects=self._suspects,
            rewind=self._rewound,
        )
        return self._shift

    def _letters(
        self, message: KafkaMessage, error: Exception, attempts: int
    ) -> list[KafkaPublishRequest]:
        topic = self._config.dead_letter_topic or ""
        letter = dead_letter(message, error, topic=topic, attempts=attempts)
        others = self._on_given_up(message, error) if self._on_given_up is not None else ()
        return [letter, *others]

    def _purge(self, places: set[Place]) -> None:
        if self._shift is not None:
            self._shift.purge(places)


def _check(
    consumer: KafkaConsumerClient,
    producer: KafkaProducerClient | None,
    config: KafkaStreamConfig,
) -> None:
    if consumer.config.enable_auto_commit:
        raise ConfigurationError(
            "enable_auto_commit of the stream's consumer must be False: it would commit messages "
            "that are not handled"
        )
    if config.dead_letter_topic is not None and producer is None:
        raise ConfigurationError(
            f"dead_letter_topic {config.dead_letter_topic!r} needs a producer to publish to it"
        )
