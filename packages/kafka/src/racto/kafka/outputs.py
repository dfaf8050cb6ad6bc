"""Outputs on their way: a message is finished when all that it led to is acknowledged."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.deadlines import Deadline
from racto.core.errors import BadRequestError, ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, step

from .bells import Bell
from .failures import failure
from .handlers import is_request
from .messages import KafkaMessage
from .offsets import Claim, OffsetTracker
from .producer import KafkaProducerClient
from .verdicts import Halt

_SECONDS_FOR_ROOM = 60.0
_SECONDS_OF_HURRY = 0.5
_ANY = -1
_VALUES = frozenset((dict, list, tuple, str, bytes, int, float, bool))


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
            yield from step(self._producer.flush, self._producer.aflush, _SECONDS_OF_HURRY)

    def clear(self) -> None:
        """Forget what was returned: those messages will be read again."""
        self._returned.clear()

    def send(
        self,
        outputs: Sequence[Any],
        messages: Sequence[KafkaMessage],
        *,
        topic: str | None = None,
        claims: tuple[Claim, ...] | None = None,
        await_delivery: bool = False,
    ) -> Flow[None]:
        """Publish what messages led to.

        Args:
            outputs: Requests, and values for ``topic``; nothing finishes the messages at once.
            messages: The messages.
            topic: Where values go.
            claims: Claims on just these messages, if the caller has them.
            await_delivery: Wait for the acknowledgements, and raise a refusal here.

        Raises:
            BadRequestError: If an output is too large or cannot be serialised.
            ConfigurationError: If there is no producer.
            Halt: If the producer is in no state to publish, which is no message's fault.
        """
        tracker = self._tracker
        held = tracker.claim(messages) if claims is None else tracker.claim_again(claims)
        if not outputs:
            tracker.finish(held)
            return
        parcel = _Parcel(self, len(outputs), held, is_awaited=await_delivery)
        try:
            yield from self._hand_over(outputs, topic or "", parcel)
        except (BadRequestError, ConfigurationError):
            parcel.cut()
            raise
        except RactoGatewayError as error:
            parcel.cut()
            raise Halt(error) from error
        except BaseException:
            parcel.cut()
            raise
        if self._at_once:
            tracker.finish(held)
        elif await_delivery:
            yield from step(self._bell.until, self._bell.auntil, lambda: parcel.is_settled)
            if parcel.error is not None:
                raise parcel.error

    def _hand_over(self, outputs: Sequence[Any], topic: str, parcel: _Parcel) -> Flow[None]:
        if self._producer is None:
            raise ConfigurationError(
                "the stream has something to publish and no producer; give KafkaStreamProcessor one"
            )
        # The producer's own way, with a report of ours in place of its own.
        way, report = self._producer._open, parcel.report
        produce, serialise = way._produce, way._value
        sent = 0
        try:
            for output in outputs:
                # Once an output: the short way for values, and the long one for the rest and for
                # whatever goes wrong with the short one.
                if output.__class__ in _VALUES:
                    try:
                        produce(topic, serialise(output, topic), None, _ANY, report)
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
        # When an output fails in a transaction, committing it fails and undoes the rest as well.
        if not self._at_once:
            settled = self._tracker.finish if parcel.error is None else self._tracker.abandon
            settled(parcel.claims)
            if parcel.error is not None and not parcel.is_awaited:
                self._returned.append(Returned(claims=parcel.claims, error=parcel.error))
        self._bell.ring()


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
        self._next = next_number = itertools.count(1).__next__
        self.claims = claims
        self.is_awaited = is_awaited
        self.is_settled = False
        self.error: RactoGatewayError | None = None
        self.sent = 0

        def report(error: Any, record: Any) -> None:
            # On whichever thread polls the producer, once an output.
            if error is not None:
                self._fail(error, record)
            if next_number() == count:
                self._settle()

        self.report = report

    def cut(self) -> None:
        """Note that the rest will not be handed over; whoever wanted it deals with the error."""
        self.is_awaited = True
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


def _while_full() -> Deadline:
    return Deadline.after(_SECONDS_FOR_ROOM)
