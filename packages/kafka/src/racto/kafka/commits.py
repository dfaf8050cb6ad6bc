"""Commits what is handled: now and then while a stream runs, and surely when it ends."""

from __future__ import annotations

import time

from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy, retrying

from .clients import positions
from .consumer import KafkaConsumerClient
from .failures import failure, name_of, translated
from .messages import Place
from .offsets import OffsetTracker
from .stream_stats import StreamCounter

# The group is being divided anew. What the members hold is settled inside the next polls, or when
# the consumer is closed, and what is handled by then is committed there.
_MOVING = {
    "REBALANCE_IN_PROGRESS",
    "ILLEGAL_GENERATION",
    "UNKNOWN_MEMBER_ID",
    "STALE_MEMBER_EPOCH",
    "FENCED_MEMBER_EPOCH",
    "_ASSIGNMENT_LOST",
}
_LAST = RetryPolicy(attempts=5, base=0.2, maximum=2.0)


class Committer:
    """Keeps the group's offsets at what the tracker knows to be handled.

    Args:
        consumer: Commits.
        tracker: Knows what is handled.
        counter: Counts the commits.
        interval: Seconds between two commits; 0 commits whenever it is asked.
        enabled: False leaves commits to the caller.
    """

    def __init__(
        self,
        consumer: KafkaConsumerClient,
        tracker: OffsetTracker,
        *,
        counter: StreamCounter,
        interval: float,
        enabled: bool,
    ) -> None:
        self._consumer = consumer
        self._tracker = tracker
        self._counter = counter
        self._interval = interval
        self._enabled = enabled
        self._due = time.monotonic() + interval

    @property
    def is_due(self) -> bool:
        """Whether the interval has passed."""
        return self._enabled and time.monotonic() >= self._due

    def commit_due(self) -> Flow[None]:
        """Commit if the interval has passed; what fails now and may succeed later waits."""
        if not self.is_due:
            return
        try:
            yield from self._commit()
        except RactoGatewayError as error:
            # The next interval tries again; at worst something is handled twice.
            if not (error.retryable or _is_moving(error)):
                raise

    def commit_now(self) -> Flow[None]:
        """Commit, and try again for a while.

        Raises:
            RactoGatewayError: If the broker does not take it.
        """
        if not self._enabled:
            return
        try:
            yield from retrying(self._commit, _LAST)
        except RactoGatewayError as error:
            if not _is_moving(error):
                raise

    def commit_revoked(self, places: set[Place]) -> None:
        """Commit what is handled of partitions that are being taken away; blocks.

        Raises:
            RactoGatewayError: If the broker does not take it.
        """
        offsets = self._tracker.committable(places)
        if self._enabled and offsets:
            # A consumer that is being closed takes no commits but this one, inside its callback.
            doing = "committing partitions that are taken away"
            with translated(doing):
                done = self._consumer.raw.commit(offsets=positions(offsets), asynchronous=False)
            for each in done or ():
                if each.error is not None:
                    raise failure(each.error, doing)
            self._note(offsets)

    def _commit(self) -> Flow[None]:
        self._due = time.monotonic() + self._interval
        offsets = self._tracker.committable()
        if offsets:
            yield from step(self._consumer.commit, self._consumer.acommit, offsets=offsets)
            self._note(offsets)

    def _note(self, offsets: dict[Place, int]) -> None:
        self._tracker.committed(offsets)
        self._counter.committed()


def _is_moving(error: RactoGatewayError) -> bool:
    return name_of(error.__cause__) in _MOVING
