"""The thread that carries records from a backlog to Kafka, in order, until each is acknowledged."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from functools import partial
from typing import Any

from racto.core.errors import RactoGatewayError
from racto.core.protocols.metrics import Metrics
from racto.kafka.failures import failure, name_of

from .backlogs import Backlog, Parcel

LOGGER = logging.getLogger("racto.kafka.audit")

WINDOW = 1000
"""Most records that are handed to the producer and not acknowledged yet."""

_IDLE_SECONDS = 0.5
_GATHERING_SECONDS = 0.005
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_WAITING, _DELIVERED, _REFUSED, _FAILED = range(4)

# These are about the record: no later attempt fares better. All others are about the broker.
_REFUSALS = frozenset(
    {"MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_MSG_SIZE", "INVALID_RECORD"}
)


class _Letter:
    """A parcel under way, and what became of it."""

    __slots__ = ("parcel", "reason", "state")

    def __init__(self, parcel: Parcel) -> None:
        self.parcel, self.state, self.reason = parcel, _WAITING, ""


class Courier:
    """Delivers what a backlog holds, in its order.

    When a record fails, nothing more is handed over until all that is under way is decided; then
    that record and all after it go again. What had arrived of these arrives twice, with the same
    ``event_id``; in exchange the last copies of one key's records are in order.

    Args:
        backlog: Where the records are; closed by :meth:`close`.
        client: The producer of confluent-kafka; somebody else polls it.
        topic: Where the records go.
        metrics: Told of deliveries, refusals and what is pending.

    Attributes:
        last_error: Why the last delivery failed; empty when one has succeeded since.
        delivered: How many records were acknowledged.
        refused: How many records the broker refused for good.
    """

    def __init__(
        self, backlog: Backlog, client: Any, *, topic: str, metrics: Metrics | None = None
    ) -> None:
        self._backlog, self._client, self._topic = backlog, client, topic
        self._metrics = metrics
        self._letters: deque[_Letter] = deque()
        self._unsent: deque[Parcel] = deque()
        self._has_failed = False
        self._failures = 0
        self._not_before = 0.0
        self.last_error = ""
        self.delivered = 0
        self.refused = 0
        self._wake = threading.Event()
        self._settled = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="racto-audit", daemon=True)
        self._thread.start()

    @property
    def is_here(self) -> bool:
        """Whether it is the courier's own thread that asks."""
        return self._thread is threading.current_thread()

    def wake(self) -> None:
        """Tell that there is something to do."""
        # Most calls come while it is awake, and asking is cheaper than telling.
        if not self._wake.is_set():
            self._wake.set()

    def wait(self, timeout: float | None) -> int:
        """Wait until all is delivered; how many records are not, after ``timeout`` seconds."""
        self.wake()
        with self._settled:
            self._settled.wait_for(lambda: self._backlog.pending == 0 or self._stopping, timeout)
        return self._backlog.pending

    def close(self, timeout: float) -> int:
        """Deliver what can be delivered in time, stop, and close the backlog.

        Returns:
            How many records are not delivered.
        """
        self.wait(timeout)
        with self._settled:
            self._stopping = True
            self._settled.notify_all()
        self.wake()
        # It never waits for the broker, so this takes a moment.
        self._thread.join()
        left = self._backlog.pending
        self._backlog.close()
        return left

    # -- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self._round()
            except RactoGatewayError as error:
                # The disk cannot be read now; what is on it is not lost by waiting.
                self._note(str(error))
                self._wake.wait(_IDLE_SECONDS)
            except Exception:
                # A thread that ended here would let events pile up for ever, and in silence.
                LOGGER.exception("delivering audit events failed; trying again")
                self._wake.wait(_IDLE_SECONDS)
        try:
            self._settle()
        except RactoGatewayError as error:
            # What it could not put aside stays in the backlog, for the next courier.
            self._note(str(error))

    def _round(self) -> None:
        self._settle()
        if self._has_failed:
            if all(letter.state != _WAITING for letter in self._letters):
                self._start_again()
        elif time.monotonic() >= self._not_before:
            self._hand_over()
        self._backlog.tidy()
        if self._metrics is not None:
            self._metrics.gauge("racto.kafka.audit.pending", self._backlog.pending)
        if not self._stopping:
            left = self._not_before - time.monotonic()
            woken = self._wake.wait(min(left, _IDLE_SECONDS) if left > 0 else _IDLE_SECONDS)
            # What comes within a moment goes together, and callers wake nobody meanwhile.
            if woken:
                time.sleep(_GATHERING_SECONDS)

    def _hand_over(self) -> None:
        # After a failure one record goes ahead and finds out.
        room = (1 if self._failures else WINDOW) - len(self._letters) - len(self._unsent)
        if room > 0:
            self._unsent.extend(self._backlog.take(room))
        # A failure may be reported while this goes on; what follows it must not overtake it.
        while self._unsent and not self._has_failed:
            letter = _Letter(self._unsent[0])
            self._letters.append(letter)
            if not self._is_taken(letter):
                # The producer's queue is full; each report of it wakes this thread.
                self._letters.pop()
                return
            self._unsent.popleft()

    def _is_taken(self, letter: _Letter) -> bool:
        key, value = letter.parcel.key, letter.parcel.value
        report = partial(self._report, letter)
        try:
            self._client.produce(self._topic, value=value, key=key or None, on_delivery=report)
        except BufferError:
            return False
        except Exception as error:
            self._decide(letter, error)
        return True

    def _report(self, letter: _Letter, error: Any, message: Any) -> None:
        """What the producer has to tell, on whichever thread polls it."""
        del message
        if error is None:
            letter.state = _DELIVERED
        else:
            self._decide(letter, error)
        self.wake()

    def _decide(self, letter: _Letter, error: Any) -> None:
        letter.reason = str(failure(error, f"delivering an audit event to topic {self._topic!r}"))
        if name_of(error) in _REFUSALS:
            letter.state = _REFUSED
        else:
            letter.state, self._has_failed = _FAILED, True

    def _settle(self) -> None:
        """Forget what is delivered, as far as everything before it is."""
        # Reports come in any order across partitions; a record behind an open one has to wait.
        letters, delivered = self._letters, 0
        try:
            while letters and letters[0].state in (_DELIVERED, _REFUSED):
                letter = letters[0]
                if letter.state == _REFUSED:
                    # It raises while the disk has no room; then the letter stays the next one.
                    self._refuse(letter)
                else:
                    delivered += 1
                letters.popleft()
                self._backlog.settle(letter.parcel)
        finally:
            self._count(delivered)
        if self._backlog.pending == 0:
            with self._settled:
                self._settled.notify_all()

    def _count(self, delivered: int) -> None:
        if delivered:
            self.delivered += delivered
            self._failures, self.last_error = 0, ""
            if self._metrics is not None:
                self._metrics.count("racto.kafka.audit.delivered", delivered)

    def _refuse(self, letter: _Letter) -> None:
        kept = self._backlog.set_aside(letter.parcel, letter.reason)
        self.refused += 1
        if self._metrics is not None:
            self._metrics.count("racto.kafka.audit.refused")
        where = "it is kept in refused.jsonl" if kept else "it is lost: there is no place for it"
        LOGGER.error("an audit event was refused for good, and %s: %s", where, letter.reason)

    def _start_again(self) -> None:
        reason = next(letter.reason for letter in self._letters if letter.state == _FAILED)
        self._letters.clear()
        self._unsent.clear()
        self._backlog.rewind()
        self._has_failed = False
        self._failures += 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 20))
        # Spread, so that the processes of a fleet do not come back all at once.
        self._not_before = time.monotonic() + pause * (0.5 + random.random() / 2)  # noqa: S311
        self._note(reason)

    def _note(self, reason: str) -> None:
        # Once per outage: an outage of a day must not fill the disk with log lines.
        if not self.last_error:
            LOGGER.warning("audit events wait for delivery: %s", reason)
        self.last_error = reason
