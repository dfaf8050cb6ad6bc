"""Outputs on their way: a message is finished when all that it led to is acknowledged."""

from __future__ import annotations

import itertools
from asyncio import to_thread
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from pydantic_core import to_json

from racto.core.deadlines import Deadline
from racto.core.errors import BadRequestError, ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, step

from .bells import Bell
from .clients import LOGGER
from .deliveries import Report
from .endings import Ending
from .failures import failure, translated
from .handlers import is_request
from .messages import KafkaMessage
from .offsets import Claim, OffsetTracker
from .producer import KafkaProducerClient
from .serialisers import json_bytes
from .verdicts import Halt, Spoilt

_SECONDS_FOR_ROOM = 60.0
_SECONDS_OF_HURRY = 0.5
_ANY = -1
# What JSON has a word for; bytes are none of it, for they go as they are.
_VALUES = frozenset((dict, list, tuple, str, int, float, bool))


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """Messages whose outputs the broker refused.

    Attributes:
        claims: Where the messages are.
        error: Why the first of their outputs was refused.
    """

    claims: tuple[Claim, ...]
    error: RactoGatewayError


class OutputDesk:
    """Publishes the outputs of messages, and finishes the messages when those are delivered.

    Args:
        producer: Publishes; None where handlers only consume.
        tracker: Told which messages are finished.
        bell: Rings whenever messages are finished or returned.
        at_once: Finish messages without waiting, because a transaction covers their outputs.
    """

    def __init__(
        self,
        producer: KafkaProducerClient | None,
        *,
        tracker: OffsetTracker,
        bell: Bell,
        at_once: bool = False,
    ) -> None:
        self._producer = producer
        self._tracker = tracker
        self._bell = bell
        self._at_once = at_once
        self._returned: deque[Returned] = deque()

    @property
    def has_returned(self) -> bool:
        """Whether :meth:`take_returned` has something."""
        return bool(self._returned)

    def take_returned(self) -> Returned | None:
        """The messages whose outputs were refused longest ago; None when there are none."""
        return self._returned.popleft() if self._returned else None

    def hurry(self) -> Flow[None]:
        """Send what lingers for company, and take the reports that have come meanwhile."""
        if self._producer is not None and not self._at_once:
            # Not the producer's own flush: it would count failures that its owner waits to hear of.
            flush = self._producer.raw.flush
            with translated("flushing the stream's outputs"):
                yield from step(flush, partial(to_thread, flush), _SECONDS_OF_HURRY)

    def wait(self) -> None:
        """Note that nothing is sent for a while: the producer's own thread takes the reports."""
        if self._producer is not None:
            self._producer._pump.resume()

    def clear(self) -> None:
        """Forget what was returned: those messages will be read again."""
        self._returned.clear()

    def send(
        self,
        outputs: Sequence[Any],
        messages: Sequence[KafkaMessage],
        *,
        topic: str | None = None,
        hold: tuple[Claim, ...] = (),
        awaited: Ending | None = None,
    ) -> Flow[None]:
        """Publish what messages led to.

        Args:
            outputs: Requests, and values for ``topic``; nothing finishes the messages at once.
            messages: The messages; none when something else finishes them.
            topic: Where values go.
            hold: The caller's claims, which hold these messages and perhaps others.
            awaited: Wait for the acknowledgements until this end, and raise a refusal here; None
                leaves both to :meth:`take_returned`.

        Raises:
            BadRequestError: If an output is too large or cannot be serialised.
            ConfigurationError: If there is no producer.
            Halt: If the producer is in no state to publish, which is no message's fault, or the end
                comes before the acknowledgements.
            Spoilt: If an output cannot be published, and others are in the transaction already.
        """
        tracker = self._tracker
        is_whole = len(messages) == sum(len(claim.offsets) for claim in hold)
        held = tracker.claim_again(hold) if is_whole else tracker.claim(messages, within=hold)
        if not outputs:
            tracker.finish(held)
            return
        parcel = _Parcel(self, len(outputs), held, is_awaited=awaited is not None)
        try:
            yield from self._hand_over(outputs, topic or "", parcel)
        except BaseException as error:
            parcel.cut()
            self._raise(error, parcel)
        if self._at_once:
            tracker.finish(held)
            self._take_reports()
        elif awaited is None:
            self._take_reports()
        else:
            self.wait()
            if not (yield from awaited.until(lambda: parcel.is_settled)):
                raise Halt
            if parcel.error is not None:
                raise parcel.error

    def _take_reports(self) -> None:
        # Once a call of the handler, and here rather than on the producer's thread: the two would
        # take the interpreter from each other at each report.
        if (producer := self._producer) is not None:
            producer._pump.relieve()
            try:
                producer.raw.poll(0)
            except Exception:
                # Of a callback that has nothing to do with these outputs.
                LOGGER.exception("polling the producer failed")

    def _raise(self, error: BaseException, parcel: _Parcel) -> NoReturn:
        is_messages_fault = isinstance(error, (BadRequestError, ConfigurationError))
        if is_messages_fault and self._at_once and parcel.sent:
            raise Spoilt(str(error)) from error
        if isinstance(error, RactoGatewayError) and not is_messages_fault:
            raise Halt(error) from error
        raise error

    def _hand_over(self, outputs: Sequence[Any], topic: str, parcel: _Parcel) -> Flow[None]:
        if self._producer is None:
            raise ConfigurationError(
                "the stream has something to publish and no producer; give KafkaStreamProcessor one"
            )
        # The producer's own way, with a report of ours in place of its own.
        way, report = self._producer._open, parcel.reporter()
        produce, write = way._produce, _writer(way._value, topic)
        sent = 0
        try:
            for output in outputs:
                # Once an output: the short way for values, and the long one for the rest and for
                # whatever goes wrong with the short one.
                if output.__class__ in _VALUES:
                    try:
                        produce(topic, write(output), None, _ANY, report)
                    except Exception:
                        record = way.record(topic, output, None, None, None, None)
                        yield from way.queued(record, report, _while_full())
                elif is_request(output):
                    yield from way.queued(way.record_of(output), report, _while_full())
                else:
                    record = way.record(topic, output, None, None, None, None)
                    yield from way.queued(record, report, _while_full())
                sent += 1
        finally:
            parcel.sent = sent

    def _settled(self, parcel: _Parcel) -> None:
        """Note that the fate of all outputs of a parcel is known; called under the lock."""
        if self._at_once:
            # When an output fails in a transaction, committing it fails and undoes the rest too.
            if parcel.is_cut:
                self._tracker.abandon(parcel.claims)
        elif parcel.error is None:
            self._tracker.finish(parcel.claims)
        else:
            if not parcel.is_awaited:
                self._returned.append(Returned(claims=parcel.claims, error=parcel.error))
            self._tracker.abandon(parcel.claims)


class _Parcel:
    """The outputs of one call of the handler; it is settled when each has been reported.

    It keeps no message: thousands that live until the broker answers cost the garbage collector
    more than all the rest of the stream.
    """

    def __init__(
        self,
        desk: OutputDesk,
        count: int,
        claims: tuple[Claim, ...],
        *,
        is_awaited: bool,
    ) -> None:
        self._desk = desk
        self._count = count
        # Taking the next number is atomic, counting down is not, and two threads may report.
        self._next = itertools.count(1).__next__
        self.claims = claims
        self.is_awaited = is_awaited
        self.is_settled = self.is_cut = False
        self.error: RactoGatewayError | None = None
        self.sent = 0

    def reporter(self) -> Report:
        """Takes the report of each output; only librdkafka keeps it, so that no cycle is made."""
        next_number, count = self._next, self._count

        def report(error: Any, record: Any) -> None:
            # On whichever thread polls the producer, once an output.
            if error is not None:
                self._fail(error, record)
            if next_number() == count:
                self._settle()

        return report

    def cut(self) -> None:
        """Note that the rest will not be handed over; whoever wanted it deals with the error."""
        self.is_awaited = self.is_cut = True
        if self.error is None:
            self.error = RactoGatewayError("not all outputs could be handed over")
        for _ in range(self._count - self.sent):
            if self._next() == self._count:
                self._settle()

    def _fail(self, error: Any, record: Any) -> None:
        if self.error is None:
            self.error = failure(
                error, f"delivering the stream's output to topic {record.topic()!r}"
            )

    def _settle(self) -> None:
        with self._desk._bell.lock:
            self.is_settled = True
            self._desk._settled(self)


def _writer(serialise: Callable[[Any, str], bytes], topic: str) -> Callable[[Any], bytes]:
    # Values of these classes are JSON for the plain serialiser too, and each call counts.
    return to_json if serialise is json_bytes else lambda value: serialise(value, topic)


def _while_full() -> Deadline:
    return Deadline.after(_SECONDS_FOR_ROOM)
