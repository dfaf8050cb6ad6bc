"""One portion of messages from its handler to its outputs: retried, split, or put aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from racto.core.errors import BadRequestError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy
from racto.core.telemetry import error_type

from .clients import LOGGER
from .endings import Ending
from .handlers import StreamHandler
from .letters import shortened
from .messages import KafkaMessage, KafkaPublishRequest, Place
from .offsets import Claim, OffsetTracker
from .outputs import OutputDesk
from .stream_stats import StreamCounter
from .verdicts import Halt, Spoilt, Verdict, is_transient, verdict

Letters: TypeAlias = Callable[[KafkaMessage, Exception, int], list[KafkaPublishRequest]]
"""What to publish for a message that is given up: its dead letter, then what else there is."""

Suspects: TypeAlias = dict[tuple[Place, int], tuple[Exception, int] | None]
"""Messages to be handled alone; for some it is known already why, and after how many attempts."""


class Treatment:
    """Handles messages until each is finished: its outputs or its dead letter are on their way.

    Args:
        handler: The user's function.
        desk: Publishes, and finishes what is delivered.
        tracker: Knows which offsets are handled.
        retry: How often a message is tried.
        letters: Makes what is published for a message that is given up, from the message, the
            error and the number of attempts; None stops the stream instead.
        ending: When the stream is to end.
        counter: Counts what happens.
        suspects: Messages whose outputs could not be published; shared with the next handler's.
    """

    def __init__(
        self,
        *,
        handler: StreamHandler,
        desk: OutputDesk,
        tracker: OffsetTracker,
        retry: RetryPolicy,
        letters: Letters | None,
        ending: Ending,
        counter: StreamCounter,
        suspects: Suspects,
    ) -> None:
        self._handler = handler
        self._desk = desk
        self._tracker = tracker
        self._retry = retry
        self._letters = letters
        self._ending = ending
        self._counter = counter
        self._suspects = suspects
        self.is_spoilt = False

    def claim(self, messages: list[KafkaMessage]) -> tuple[Claim, ...]:
        """Mark messages as being handled; :meth:`settle` gives the claims up."""
        return self._tracker.claim(messages)

    def settle(self, messages: list[KafkaMessage], hold: tuple[Claim, ...]) -> Flow[None]:
        """Handle messages in order.

        Args:
            messages: The messages.
            hold: Claims on all of them, so that whoever gives a partition back waits for the whole
                portion.

        Raises:
            Halt: If the stream has to end; what was not finished stays in the way of a commit.
        """
        try:
            is_alone = self._handler.one_at_a_time and len(messages) > 1
            # A list, for any() takes its items faster than those of a generator.
            is_broken = any([message._error for message in messages])  # noqa: C419
            if not (self._suspects or is_alone or is_broken):
                yield from self._handle(messages, hold)
                return
            sound: list[KafkaMessage] = []
            for message in messages:
                is_suspect = (message.place, message.offset) in self._suspects
                if not (is_suspect or message.error or self._handler.one_at_a_time):
                    sound.append(message)
                    continue
                yield from self._handle_all(sound, hold)
                sound = []
                yield from self._settle_alone(message, hold, is_suspect)
            yield from self._handle_all(sound, hold)
        finally:
            self._tracker.abandon(hold)

    def suspect(self, claims: Iterable[Claim]) -> None:
        """Handle these messages alone when they come again, and wait for their outputs' fate."""
        for claim in claims:
            self._suspects.update({(claim.place, offset): None for offset in claim.offsets})

    def _settle_alone(
        self, message: KafkaMessage, hold: tuple[Claim, ...], is_suspect: bool
    ) -> Flow[None]:
        place = (message.place, message.offset)
        known = self._suspects.get(place)
        if message.error is not None:
            known = (message.error, 0)
        if known is not None:
            yield from self._put_aside(message, hold, *known)
        else:
            yield from self._handle([message], hold, is_suspect)
        if is_suspect and not self.is_spoilt:
            self._suspects.pop(place, None)

    def _handle_all(self, messages: list[KafkaMessage], hold: tuple[Claim, ...]) -> Flow[None]:
        if messages:
            yield from self._handle(messages, hold)

    def _handle(
        self, messages: list[KafkaMessage], hold: tuple[Claim, ...], is_suspect: bool = False
    ) -> Flow[None]:
        attempts = 0
        while True:
            attempts += 1
            try:
                yield from self._attempt(messages, hold, is_suspect, attempts)
            except Halt:
                raise
            except Spoilt as spoilt:
                return self._spoil(messages, hold, spoilt, attempts)
            except Exception as error:
                failure = error
            else:
                return
            judged, wait = verdict(failure, attempts, self._retry)
            if judged is Verdict.STOP:
                raise Halt(_placed(failure, messages, attempts))
            # A batch is called again as it is only when the error says that no message is to
            # blame; else the same poison would be met in every attempt.
            alone = len(messages) == 1
            if judged is Verdict.RETRY and (alone or is_transient(failure)):
                self._counter.retried(error_type(failure))
                yield from self._pause(wait)
                continue
            if alone:
                return (yield from self._put_aside(messages[0], hold, failure, attempts))
            # Halves, until the message to blame stands alone: few calls where most are sound.
            half = len(messages) // 2
            yield from self._handle(messages[:half], hold, is_suspect)
            return (yield from self._handle(messages[half:], hold, is_suspect))

    def _attempt(
        self,
        messages: list[KafkaMessage],
        hold: tuple[Claim, ...],
        is_suspect: bool,
        number: int,
    ) -> Flow[None]:
        handler = self._handler
        if self._ending.is_over:
            raise Halt
        started = time.perf_counter()
        outputs = yield from step(handler.call, handler.acall, messages, number)
        seconds = time.perf_counter() - started
        yield from self._desk.send(
            outputs,
            messages,
            topic=handler.topic,
            hold=hold,
            awaited=self._ending if is_suspect else None,
        )
        self._counter.handled(len(messages), len(outputs), seconds)

    def _spoil(
        self,
        messages: list[KafkaMessage],
        hold: tuple[Claim, ...],
        spoilt: Spoilt,
        attempts: int,
    ) -> None:
        """Leave messages to the next transaction: this one holds a part of their outputs."""
        self.is_spoilt = True
        cause = spoilt.__cause__
        known = (cause, attempts) if isinstance(cause, Exception) else None
        # Whoever stands alone is to blame; the others only had it among them.
        reason = known if len(messages) == 1 else None
        self._suspects.update({(m.place, m.offset): reason for m in messages})
        self._tracker.finish(self._tracker.claim(messages, within=hold))

    def _put_aside(
        self, message: KafkaMessage, hold: tuple[Claim, ...], error: Exception, attempts: int
    ) -> Flow[None]:
        if self._letters is None:
            raise Halt(_placed(error, [message], attempts))
        letter, *others = self._letters(message, error, attempts)
        try:
            for other in others:
                yield from self._tell(other, message)
            yield from self._bury(letter, message, hold)
        except Halt as halt:
            raise _unburied(halt.error, message) from error
        except RactoGatewayError as refused:
            raise _unburied(refused, message) from error
        self._counter.dead_lettered(error_type(error))

    def _tell(self, other: KafkaPublishRequest, message: KafkaMessage) -> Flow[None]:
        try:
            yield from self._desk.send([other], (), awaited=self._ending)
        except BadRequestError as refused:
            # The message itself is kept, and must not stop the stream by what comes with it.
            LOGGER.error(
                "could not publish to %s that %s is given up: %s",
                other.topic,
                place_of([message]),
                refused,
            )

    def _bury(
        self, letter: KafkaPublishRequest, message: KafkaMessage, hold: tuple[Claim, ...]
    ) -> Flow[None]:
        try:
            yield from self._desk.send([letter], [message], hold=hold, awaited=self._ending)
        except BadRequestError:
            # As a rule too large, with the error added.
            short = shortened(letter)
            yield from self._desk.send([short], [message], hold=hold, awaited=self._ending)

    def _pause(self, seconds: float) -> Flow[None]:
        if (yield from self._ending.pause(seconds)):
            raise Halt


def place_of(messages: Sequence[KafkaMessage]) -> str:
    """Where messages stand, for people."""
    first = messages[0]
    place = f"{first.topic}[{first.partition}] at offset {first.offset}"
    return place if len(messages) == 1 else f"{place} and {len(messages) - 1} more"


def _placed(error: Exception, messages: Sequence[KafkaMessage], attempts: int) -> Exception:
    error.add_note(f"while handling {place_of(messages)} (attempts made: {attempts})")
    return error


def _unburied(error: Exception | None, message: KafkaMessage) -> Halt:
    if error is not None:
        error.add_note(f"while putting aside {place_of([message])}")
    return Halt(error)
