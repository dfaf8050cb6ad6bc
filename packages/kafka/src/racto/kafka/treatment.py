"""One portion of messages from its handler to its outputs: retried, split, or put aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy
from racto.core.telemetry import error_type

from .bells import Bell
from .handlers import BoundHandler
from .messages import KafkaMessage, KafkaPublishRequest, Place
from .offsets import Claim, OffsetTracker
from .outputs import OutputDesk
from .stream_stats import StreamCounter
from .verdicts import Halt, Verdict, is_transient, verdict

Letters: TypeAlias = Callable[[KafkaMessage, Exception, int], list[KafkaPublishRequest]]
"""What to publish for a message that is given up."""


class Treatment:
    """Handles messages until each is finished: its outputs or its dead letter are on their way.

    Args:
        handler: The user's function.
        desk: Publishes, and finishes what is delivered.
        tracker: Knows which offsets are handled.
        retry: How often a message is tried.
        letters: Makes what is published for a message that is given up, from the message, the
            error and the number of attempts; None stops the stream instead.
        bell: Wakes who waits between two attempts.
        halted: Whether the stream is to end at once.
        counter: Counts what happens.
        suspects: Messages whose outputs the broker refused; shared with the next handler's.
    """

    def __init__(
        self,
        *,
        handler: BoundHandler,
        desk: OutputDesk,
        tracker: OffsetTracker,
        retry: RetryPolicy,
        letters: Letters | None,
        bell: Bell,
        halted: Callable[[], bool],
        counter: StreamCounter,
        suspects: set[tuple[Place, int]],
    ) -> None:
        self._handler = handler
        self._desk = desk
        self._tracker = tracker
        self._retry = retry
        self._letters = letters
        self._bell = bell
        self._halted = halted
        self._counter = counter
        self._suspects = suspects

    def settle(
        self,
        messages: list[KafkaMessage],
        *,
        claims: tuple[Claim, ...] | None = None,
    ) -> Flow[None]:
        """Handle messages in order.

        Args:
            messages: The messages.
            claims: Claims on them, if the caller has made them; they are given up in the end.

        Raises:
            Halt: If the stream has to end; what was not finished stays in the way of a commit.
        """
        # Held for the whole portion, so that whoever gives a partition back waits for all of it.
        hold = self._tracker.claim(messages) if claims is None else claims
        try:
            is_plain = not (self._suspects or self._handler.one_at_a_time)
            if is_plain and all(message._error is None for message in messages):
                yield from self._handle(messages, False, hold)
                return
            sound: list[KafkaMessage] = []
            for message in messages:
                is_suspect = (message.place, message.offset) in self._suspects
                if not (is_suspect or message.error or self._handler.one_at_a_time):
                    sound.append(message)
                    continue
                yield from self._handle_all(sound)
                sound = []
                yield from self._settle_alone(message, is_suspect)
            yield from self._handle_all(sound)
        finally:
            self._tracker.abandon(hold)

    def suspect(self, claims: Iterable[Claim]) -> None:
        """Handle these messages alone when they come again, and wait for their outputs' fate."""
        for claim in claims:
            self._suspects.update((claim.place, offset) for offset in claim.offsets)

    def _settle_alone(self, message: KafkaMessage, is_suspect: bool) -> Flow[None]:
        if message.error is not None:
            yield from self._put_aside(message, message.error, 0)
        else:
            yield from self._handle([message], is_suspect)
        if is_suspect:
            self._suspects.discard((message.place, message.offset))

    def _handle_all(self, messages: list[KafkaMessage]) -> Flow[None]:
        if messages:
            yield from self._handle(messages, False)

    def _handle(
        self,
        messages: list[KafkaMessage],
        await_delivery: bool,
        claims: tuple[Claim, ...] | None = None,
    ) -> Flow[None]:
        attempts = 0
        while True:
            attempts += 1
            try:
                yield from self._attempt(messages, await_delivery, claims)
            except Halt:
                raise
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
                return (yield from self._put_aside(messages[0], failure, attempts))
            # Halves, until the message to blame stands alone: few calls where most are sound.
            half = len(messages) // 2
            yield from self._handle(messages[:half], await_delivery)
            return (yield from self._handle(messages[half:], await_delivery))

    def _attempt(
        self,
        messages: list[KafkaMessage],
        await_delivery: bool,
        claims: tuple[Claim, ...] | None,
    ) -> Flow[None]:
        handler = self._handler
        started = time.perf_counter()
        outputs = yield from step(handler.call, handler.acall, messages)
        seconds = time.perf_counter() - started
        yield from self._desk.send(
            outputs, messages, topic=handler.topic, claims=claims, await_delivery=await_delivery
        )
        self._counter.handled(len(messages), len(outputs), seconds)

    def _put_aside(self, message: KafkaMessage, error: Exception, attempts: int) -> Flow[None]:
        if self._letters is None:
            raise Halt(_placed(error, [message], attempts))
        letters = self._letters(message, error, attempts)
        try:
            yield from self._desk.send(letters, [message], await_delivery=True)
        except Halt as halt:
            raise _unburied(halt.error, message) from error
        except RactoGatewayError as refused:
            raise _unburied(refused, message) from error
        self._counter.dead_lettered(error_type(error))

    def _pause(self, seconds: float) -> Flow[None]:
        if (yield from step(self._bell.until, self._bell.auntil, self._halted, seconds)):
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
