"""A stream: reads messages, handles them, publishes the outputs, and commits what is done."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, arun, run
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.telemetry import NOOP_METRICS, NOOP_TRACER

from .bells import Bell
from .commits import Committer
from .consumer import KafkaConsumerClient
from .endings import Ending
from .handlers import BoundHandler, Handler, StreamHandler
from .intake import Intake
from .letters import dead_letter
from .messages import KafkaMessage, KafkaPublishRequest, Place
from .offsets import OffsetTracker
from .outputs import OutputDesk
from .producer import KafkaProducerClient
from .revocations import Handover
from .rounds import Rounds
from .shift import Shift
from .signals import drained_on_signals
from .stream_config import KafkaStreamConfig
from .stream_stats import Gauges, StreamCounter, StreamStats
from .telemetry import TracedHandler
from .transactions import Transactions
from .treatment import Suspects
from .verdicts import Halt


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
        tracer: Opens a span around each call of the handler, under the span of whoever sent the
            messages; their headers, and those of the outputs, carry it.
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
        tracer: Tracer = NOOP_TRACER,
        metrics: Metrics = NOOP_METRICS,
    ) -> None:
        self._config = config = config or KafkaStreamConfig()
        _check(consumer, producer, config)
        self._consumer = consumer
        self._on_given_up = on_given_up
        self._tracer = tracer
        self._bell = Bell()
        self._counter = StreamCounter(metrics)
        self._gauges = Gauges(metrics, consumer, interval=config.commit_interval_ms / 1000)
        self._tracker = OffsetTracker(self._bell)
        self._intake = Intake(consumer, config)
        is_exact = config.guarantee == "exactly_once"
        self._desk = OutputDesk(producer, tracker=self._tracker, bell=self._bell, at_once=is_exact)
        self._rounds = self._new_rounds(producer) if is_exact else None
        self._committer = Committer(
            consumer,
            self._tracker,
            counter=self._counter,
            interval=config.commit_interval_ms / 1000,
            enabled=config.commit_on_success and not is_exact,
        )
        self._shift: Shift | None = None
        self._ending = self._new_ending()
        self._is_torn = False
        self._suspects: Suspects = {}
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
        return run(self._intake.collect(self._config.batch_size, self._ending))

    async def acollect_batch(self) -> list[KafkaMessage]:
        """Async twin of :meth:`collect_batch`."""
        return await arun(self._intake.collect(self._config.batch_size, self._ending))

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
        self._ending.begin()

    # -- one run -----------------------------------------------------------------------------

    def _work(
        self,
        handler: Handler,
        output_topic: str | None,
        iterations: int | None,
        await_deliveries: bool = True,
    ) -> Flow[int]:
        shift = self._new_shift(handler, output_topic)
        count = 0
        try:
            yield from self._resumed()
            self._is_torn = True
            yield from shift.open()
            try:
                for _ in itertools.count() if iterations is None else range(iterations):
                    if self._ending.has_begun:
                        break
                    messages = yield from self._taken(shift)
                    count += len(messages)
                    yield from self._handled(shift, messages)
                if not self._ending.has_begun:
                    yield from shift.finish(deliveries=await_deliveries)
            except Halt as halt:
                # Without an error it only says that the time for an orderly end is over.
                if halt.error is not None:
                    raise
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
            self._ending = self._new_ending()
        return count

    def _taken(self, shift: Shift) -> Flow[list[KafkaMessage]]:
        yield from shift.attend()
        room = self._room()
        if room < 1:

            def is_called() -> bool:
                return self._room() > 0 or shift.has_trouble or self._ending.has_begun

            yield from self._awaited(is_called)
            return []
        messages = yield from self._intake.collect(min(self._config.batch_size, room), self._ending)
        self._counter.consumed(len(messages))
        return messages

    def _handled(self, shift: Shift, messages: list[KafkaMessage]) -> Flow[None]:
        def work() -> Flow[None]:
            yield from shift.take(messages)
            yield from shift.finish()

        if messages and self._rounds is not None:
            yield from self._rounds.around(messages, work, shift.take_spoilt)
        elif messages:
            yield from shift.take(messages)
        yield from self._kept_up()

    def _room(self) -> int:
        return self._config.max_in_flight - self._tracker.in_flight

    def _awaited(self, reached: Callable[[], bool]) -> Flow[None]:
        """Wait for something, or for the end, without leaving the group meanwhile."""
        self._desk.wait()
        yield from self._intake.wait(reached, self._ending, self._kept_up)

    def _kept_up(self) -> Flow[None]:
        """Commit what is due, and tell how far behind the stream is."""
        yield from self._committer.commit_due()
        self._gauges.tell(self._tracker.in_flight)

    # -- the end -----------------------------------------------------------------------------

    def _resumed(self) -> Flow[None]:
        """Go back to what an earlier run left undone when it was cancelled or interrupted."""
        if self._is_torn:
            self._desk.clear()
            self._intake.go_back(self._tracker.rewind())
        yield from self._intake.sought()

    def _ended(self, shift: Shift, *, await_deliveries: bool) -> Flow[None]:
        if await_deliveries:
            yield from shift.close()
            shift.judge()
        yield from self._committer.commit_now()
        if await_deliveries:
            # What was read and not begun comes again in the next run.
            yield from self._rewound()
        self._is_torn = False

    def _recovered(self, shift: Shift, error: Exception) -> Flow[None]:
        """Commit what is handled all the same, and go back to what is not."""
        try:
            yield from shift.close()
            self._desk.clear()
            # First what needs no broker: what is not sought now is sought by the next run.
            self._intake.go_back(self._tracker.rewind())
            self._is_torn = False
            yield from self._committer.commit_now()
            yield from self._intake.sought()
        except RactoGatewayError as further:
            error.add_note(f"and the stream could not be wound up: {further}")

    def _rewound(self) -> Flow[None]:
        self._intake.go_back(self._tracker.rewind())
        yield from self._intake.sought()

    def _new_shift(self, handler: Handler, output_topic: str | None) -> Shift:
        if self._shift is not None:
            raise ConfigurationError("the stream is running already; one run at a time")
        bound: StreamHandler = BoundHandler(handler, output_topic, threads=self._config.workers)
        if self._tracer is not NOOP_TRACER:
            bound = TracedHandler(bound, self._tracer, group=self._consumer.config.group_id)
        has_letters = self._config.dead_letter_topic is not None
        self._shift = Shift(
            handler=bound,
            config=self._config,
            tracker=self._tracker,
            desk=self._desk,
            bell=self._bell,
            ending=self._ending,
            counter=self._counter,
            letters=self._letters if has_letters else None,
            suspects=self._suspects,
            wait=self._awaited,
            rewind=self._rewound,
        )
        return self._shift

    def _new_rounds(self, producer: KafkaProducerClient | None) -> Rounds:
        transactions = Transactions(
            self._consumer, producer, tracker=self._tracker, counter=self._counter
        )
        attempts = self._config.retry.attempts
        return Rounds(transactions, tracker=self._tracker, intake=self._intake, attempts=attempts)

    def _new_ending(self) -> Ending:
        return Ending(self._bell, seconds=self._config.drain_timeout_s)

    def _letters(
        self, message: KafkaMessage, error: Exception, attempts: int
    ) -> list[KafkaPublishRequest]:
        topic = self._config.dead_letter_topic or ""
        letter = dead_letter(message, error, topic=topic, attempts=attempts)
        others = self._on_given_up(message, error) if self._on_given_up is not None else ()
        return [letter, *others]

    def _purge(self, places: set[Place]) -> None:
        if self._rounds is not None:
            self._rounds.purge(places)
        self._intake.drop(places)
        # A copy, for workers change it; and what is not ours need not be remembered.
        for suspect in list(self._suspects):
            if suspect[0] in places:
                self._suspects.pop(suspect, None)
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
    if consumer.config.group_id is None and config.commit_on_success:
        raise ConfigurationError(
            "the stream's consumer has no group_id, which keeps the offsets of what is handled; "
            "give it one, or set commit_on_success=False"
        )
    if config.dead_letter_topic is not None and producer is None:
        raise ConfigurationError(
            f"dead_letter_topic {config.dead_letter_topic!r} needs a producer to publish to it"
        )
