"""One handler at work: takes messages, looks after what failed, and ends in order."""

from __future__ import annotations

from collections.abc import Callable

from racto.core.errors import BadRequestError
from racto.core.flows import Flow, step

from .bells import Bell
from .crew import Crew
from .handlers import BoundHandler
from .lanes import Lanes
from .messages import KafkaMessage, Place
from .offsets import OffsetTracker
from .outputs import OutputDesk
from .stream_config import KafkaStreamConfig
from .stream_stats import StreamCounter
from .treatment import Letters, Treatment
from .verdicts import Halt


class Shift:
    """The parts of a stream that belong to one handler.

    Args:
        handler: The user's function.
        config: How it is called.
        tracker: Knows what is handled.
        desk: Publishes the outputs.
        bell: Guards what is shared, and rings when it changes.
        counter: Counts what happens.
        letters: Makes dead letters; None where failures end the stream.
        suspects: Messages to be handled alone.
        rewind: Goes back to what is not handled.
    """

    def __init__(
        self,
        *,
        handler: BoundHandler,
        config: KafkaStreamConfig,
        tracker: OffsetTracker,
        desk: OutputDesk,
        bell: Bell,
        counter: StreamCounter,
        letters: Letters | None,
        suspects: set[tuple[Place, int]],
        rewind: Callable[[], Flow[None]],
    ) -> None:
        self._tracker = tracker
        self._rewind = rewind
        self._desk = desk
        self._bell = bell
        self._is_halted = False
        self._treatment = Treatment(
            handler=handler,
            desk=desk,
            tracker=tracker,
            retry=config.retry,
            letters=letters,
            bell=bell,
            halted=lambda: self._is_halted,
            counter=counter,
            suspects=suspects,
        )
        self._crew = (
            Crew(
                treatment=self._treatment,
                lanes=Lanes(config.ordering),
                bell=bell,
                workers=config.workers,
                portion=1 if handler.one_at_a_time else config.batch_size,
            )
            if config.in_background
            else None
        )

    @property
    def is_in_background(self) -> bool:
        """Whether :meth:`take` returns before the messages are handled."""
        return self._crew is not None

    @property
    def has_trouble(self) -> bool:
        """Whether :meth:`attend` has something to do."""
        return self._desk.has_returned or (
            self._crew is not None and self._crew.failure is not None
        )

    def open(self) -> Flow[None]:
        """Let the workers begin."""
        if self._crew is not None:
            yield from step(self._crew.start, self._crew.astart)

    def take(self, messages: list[KafkaMessage]) -> Flow[None]:
        """Admit messages, and handle them or queue them for the workers.

        Raises:
            Halt: If the stream has to end.
        """
        if self._crew is not None:
            self._tracker.admit(messages)
            self._crew.put(messages)
        else:
            claims = self._tracker.admit(messages, claimed=True)
            yield from self._treatment.settle(messages, claims=claims)

    def attend(self) -> Flow[None]:
        """Deal with what failed since.

        Messages whose outputs the broker refused are read again, and then handled alone.

        Raises:
            Halt: If the stream has to end.
        """
        if self._crew is not None and self._crew.failure is not None:
            raise self._crew.failure
        if not self._desk.has_returned:
            return
        # Nobody may be handling a message of a key when an earlier one of that key comes again.
        yield from step(self._bell.until, self._bell.auntil, self._is_still)
        while returned := self._desk.take_returned():
            if not isinstance(returned.error, BadRequestError):
                raise Halt(returned.error)
            self._treatment.suspect(returned.claims)
        yield from self._rewind()

    def finish(self, *, deliveries: bool = True) -> Flow[None]:
        """Wait until every message is handled.

        Args:
            deliveries: Whether outputs have to be acknowledged too.

        Raises:
            Halt: If the stream has to end.
        """

        bell = self._bell

        def is_handled() -> bool:
            return self._is_unoccupied() or self.has_trouble

        def is_done() -> bool:
            return self._tracker.in_flight == 0 or self.has_trouble

        while True:
            yield from step(bell.until, bell.auntil, is_handled)
            if deliveries and not is_done():
                yield from self._desk.hurry()
                yield from step(bell.until, bell.auntil, is_done)
            if not self.has_trouble:
                return
            yield from self.attend()

    def purge(self, places: set[Place]) -> None:
        """Drop messages of some partitions that wait for a worker."""
        if self._crew is not None:
            self._crew.purge(places)

    def close(self, timeout: float) -> Flow[bool]:
        """Drop what waits, let running handlers end, and wait for what is being delivered.

        Args:
            timeout: Most seconds; after it, waits between attempts end too.

        Returns:
            Whether all ended in time.
        """
        is_gone = True
        if self._crew is not None:
            is_gone = yield from step(self._crew.close, self._crew.aclose, timeout)
        if is_gone and not self._tracker.is_idle:
            yield from self._desk.hurry()
            is_gone = yield from step(
                self._bell.until, self._bell.auntil, self._is_delivered, timeout
            )
        self.halt()
        return is_gone

    def halt(self) -> None:
        """End at once: workers are not waited for, and no failed message is tried again."""
        with self._bell.lock:
            self._is_halted = True
            if self._crew is not None:
                self._crew.abandon()
            self._bell.ring()

    def _is_still(self) -> bool:
        has_failed = self._crew is not None and self._crew.failure is not None
        return has_failed or (self._is_unoccupied() and self._tracker.is_idle)

    def _is_unoccupied(self) -> bool:
        return self._crew is None or self._crew.is_idle

    def _is_delivered(self) -> bool:
        return self._tracker.is_idle
