"""One handler at work: takes messages, looks after what failed, and ends in order."""

from __future__ import annotations

from collections.abc import Callable

from racto.core.errors import BadRequestError
from racto.core.flows import Flow, step

from .bells import Bell
from .crew import Crew
from .endings import Ending
from .handlers import StreamHandler
from .lanes import Lanes
from .messages import KafkaMessage, Place
from .offsets import OffsetTracker
from .outputs import OutputDesk
from .stream_config import KafkaStreamConfig
from .stream_stats import StreamCounter
from .treatment import Letters, Suspects, Treatment
from .verdicts import Halt

# What is handed to the broker is worth waiting for when the time for handlers is over.
_SECONDS_FOR_DELIVERIES = 5.0


class Shift:
    """The parts of a stream that belong to one handler.

    Args:
        handler: The user's function.
        config: How it is called.
        tracker: Knows what is handled.
        desk: Publishes the outputs.
        bell: Guards what is shared, and rings when it changes.
        ending: When the run is to end.
        counter: Counts what happens.
        letters: Makes dead letters; None where failures end the stream.
        suspects: Messages to be handled alone.
        wait: Waits until something is true or the end comes, and stays in the group meanwhile.
        rewind: Goes back to what is not handled.
    """

    def __init__(
        self,
        *,
        handler: StreamHandler,
        config: KafkaStreamConfig,
        tracker: OffsetTracker,
        desk: OutputDesk,
        bell: Bell,
        ending: Ending,
        counter: StreamCounter,
        letters: Letters | None,
        suspects: Suspects,
        wait: Callable[[Callable[[], bool]], Flow[None]],
        rewind: Callable[[], Flow[None]],
    ) -> None:
        self._handler = handler
        self._tracker = tracker
        self._wait = wait
        self._rewind = rewind
        self._desk = desk
        self._bell = bell
        self._ending = ending
        self._treatment = Treatment(
            handler=handler,
            desk=desk,
            tracker=tracker,
            retry=config.retry,
            letters=letters,
            ending=ending,
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
    def has_trouble(self) -> bool:
        """Whether :meth:`attend` has something to do."""
        return self._desk.has_returned or self._failure is not None

    @property
    def _failure(self) -> BaseException | None:
        return None if self._crew is None else self._crew.failure

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
            hold = self._tracker.admit(messages, claimed=True)
            yield from self._treatment.settle(messages, hold)

    def take_spoilt(self) -> bool:
        """Whether the transaction has to be aborted: it holds a part of what a message led to."""
        is_spoilt, self._treatment.is_spoilt = self._treatment.is_spoilt, False
        return is_spoilt

    def attend(self) -> Flow[None]:
        """Deal with what failed since.

        Messages whose outputs the broker refused are read again, and then handled alone.

        Raises:
            Halt: If the stream has to end.
        """
        if self._failure is not None:
            raise self._failure
        if not self._desk.has_returned:
            return
        # Nobody may be handling a message of a key when an earlier one of that key comes again.
        yield from self._wait(self._is_still)
        if not self._is_still():
            raise Halt
        self.judge()
        yield from self._rewind()

    def judge(self) -> None:
        """Raise what ends the stream, and note which messages are to be handled alone.

        Raises:
            Halt: If there is an error for the caller.
        """
        failure = self._failure
        # Without an error it only says that the time is up, which whoever ends the stream knows.
        if failure is not None and not (isinstance(failure, Halt) and failure.error is None):
            raise failure
        while returned := self._desk.take_returned():
            if not isinstance(returned.error, BadRequestError):
                raise Halt(returned.error)
            self._treatment.suspect(returned.claims)

    def finish(self, *, deliveries: bool = True) -> Flow[None]:
        """Wait until every message is handled.

        Args:
            deliveries: Whether outputs have to be acknowledged too.

        Raises:
            Halt: If the stream has to end, or the time for that is over.
        """

        def is_handled() -> bool:
            return self._is_unoccupied() or self.has_trouble

        def is_done() -> bool:
            return self._tracker.in_flight == 0 or self.has_trouble

        while True:
            yield from self._wait(is_handled)
            if deliveries and is_handled() and not is_done():
                yield from self._desk.hurry()
                yield from self._wait(is_done)
            if self.has_trouble:
                yield from self.attend()
                continue
            if not is_handled() or (deliveries and not is_done()):
                raise Halt
            return

    def purge(self, places: set[Place]) -> None:
        """Drop messages of some partitions that wait for a worker."""
        if self._crew is not None:
            self._crew.purge(places)

    def close(self) -> Flow[bool]:
        """Drop what waits, let running handlers end in time, and wait for what is on its way.

        Returns:
            Whether all ended in time.
        """
        self._ending.begin()
        left = self._ending.left()
        is_gone = True
        if self._crew is not None:
            is_gone = yield from step(self._crew.close, self._crew.aclose, left)
        if not self._tracker.is_idle:
            yield from self._desk.hurry()
        if is_gone:
            left = max(self._ending.left(), _SECONDS_FOR_DELIVERIES)
            is_gone = yield from step(
                self._bell.until, self._bell.auntil, lambda: self._tracker.is_idle, left
            )
        self.halt()
        return is_gone

    def halt(self) -> None:
        """End at once: workers are not waited for, and no failed message is tried again."""
        with self._bell.lock:
            self._ending.now()
            if self._crew is not None:
                self._crew.abandon()
            self._handler.close()

    def _is_still(self) -> bool:
        return self._failure is not None or (self._is_unoccupied() and self._tracker.is_idle)

    def _is_unoccupied(self) -> bool:
        return self._crew is None or self._crew.is_idle
