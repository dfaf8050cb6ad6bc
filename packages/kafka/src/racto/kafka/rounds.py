"""Exactly once: each batch in a transaction, which is committed whole or done again."""

from __future__ import annotations

from collections.abc import Callable, Collection

from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow

from .intake import Intake
from .messages import KafkaMessage, Place
from .offsets import OffsetTracker
from .transactions import Transactions


class Aborted(RactoGatewayError):  # noqa: N818 - a sign to the flow, as Halt is
    """The transaction shall not be committed, and its messages shall come again."""


class Rounds:
    """Runs the work of each batch in a transaction.

    Args:
        transactions: Begin, commit and abort.
        tracker: Forgets what was handled in a transaction that does not count.
        intake: Goes back to it.
        attempts: How often a batch is tried that Kafka refuses.
    """

    def __init__(
        self,
        transactions: Transactions,
        *,
        tracker: OffsetTracker,
        intake: Intake,
        attempts: int,
    ) -> None:
        self._transactions = transactions
        self._tracker = tracker
        self._intake = intake
        self._attempts = attempts
        self._failed = 0
        self._gone: set[Place] = set()

    def purge(self, places: Collection[Place]) -> None:
        """Note partitions that are taken away: what is being done for them must not count."""
        self._gone.update(places)

    def around(
        self,
        messages: list[KafkaMessage],
        work: Callable[[], Flow[None]],
        is_spoilt: Callable[[], bool],
    ) -> Flow[None]:
        """Do the work of a batch in a transaction; if it is aborted, the batch is read again.

        Args:
            messages: The batch.
            work: Handles it, to the end.
            is_spoilt: Whether the transaction holds what must not be committed.

        Raises:
            RactoGatewayError: If it cannot succeed; nothing of it counts.
            Exception: What the work raised.
        """
        starts: dict[Place, int] = {}
        for message in messages:
            starts.setdefault(message.place, message.offset)
        self._gone.clear()

        def checked() -> Flow[None]:
            yield from work()
            if is_spoilt():
                raise Aborted("an output could not be published, and others of its message were")
            if not self._gone.isdisjoint(starts):
                # Their new owner handles them too, and both would commit.
                raise Aborted("partitions were taken away in the midst of a transaction")

        try:
            yield from self._transactions.around(checked)
            self._failed = 0
        except BaseException as error:
            if self._transactions.is_committed:
                raise
            # Whatever the error is: what was handled in a transaction that was aborted must
            # never be committed by the next one.
            self._tracker.forget(starts)
            self._intake.go_back({p: o for p, o in starts.items() if p not in self._gone})
            if not isinstance(error, Exception):
                raise
            yield from self._intake.sought()
            if not self._may_redo(error):
                self._failed = 0
                raise

    def _may_redo(self, error: Exception) -> bool:
        if isinstance(error, Aborted):
            return True
        self._failed += 1
        return self._failed < self._attempts and self._transactions.may_redo(error)
