"""What a stream does when its group gives partitions to somebody else in the middle of work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from racto.core.errors import RactoGatewayError

from .commits import Committer
from .messages import Place
from .offsets import OffsetTracker

_LOG = logging.getLogger("racto.kafka")


class Handover:
    """Listens to a consumer's rebalances; called inside its polls, and may block them.

    Args:
        tracker: Knows what is handled.
        committer: Commits what is, while the partition is still ours.
        purge: Drops messages of partitions that wait, and what else is known of them.
        timeout: Most seconds to wait for running handlers; what they end later is not committed,
            and whoever gets the partition handles it again.
    """

    def __init__(
        self,
        tracker: OffsetTracker,
        committer: Committer,
        *,
        purge: Callable[[set[Place]], None],
        timeout: float,
    ) -> None:
        self._tracker = tracker
        self._committer = committer
        self._purge = purge
        self._timeout = timeout

    def assigned(self, places: Iterable[Place]) -> None:
        """Begin partitions afresh: what we knew of them is from before somebody else had them."""
        self._tracker.forget(places)

    def revoked(self, places: Iterable[Place]) -> None:
        """Let running handlers end, commit up to them, and forget the partitions."""
        gone = set(places)
        self._purge(gone)
        if not self._tracker.wait(gone, self._timeout):
            _LOG.warning(
                "handlers did not end within %g s; others will handle their messages again: %s",
                self._timeout,
                sorted(gone),
            )
        try:
            self._committer.commit_revoked(gone)
        except RactoGatewayError as error:
            # An exception has no way out of librdkafka's callback, and nothing is lost: what is
            # not committed is handled again.
            _LOG.warning("could not commit partitions that are taken away: %s", error)
        self._tracker.forget(gone)

    def lost(self, places: Iterable[Place]) -> None:
        """Forget partitions that already belong to somebody else; committing is no longer ours."""
        gone = set(places)
        self._purge(gone)
        self._tracker.forget(gone)
