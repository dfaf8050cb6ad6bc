"""What a semantic cache counts, and what it does about an embedder or a store that fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from racto.cache.counts import Counts
from racto.core.protocols.metrics import Metrics
from racto.core.secrets import redact

_LOG = logging.getLogger("racto.cache")
_QUIET_SECONDS = 60.0


class Counting(Counts):
    """Counts, and answers errors: by a line in the log once a minute, or by raising them.

    Args:
        name: The value of the metrics' attribute ``racto.cache``.
        metrics: Told of each; None tells nobody.
        fail_open: Whether an error is counted and logged, once a minute, instead of raised.
        clock: Tells the time in seconds, for the minute between two lines.
    """

    def __init__(
        self,
        name: str,
        *,
        metrics: Metrics | None = None,
        fail_open: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, metrics)
        self._name = name
        self._fail_open = fail_open
        self._clock = clock
        self._log_lock = threading.Lock()
        self._unsaid = 0
        self._said: float | None = None

    def failed(self, error: BaseException) -> None:
        """Count an error, and log it unless one was logged in the last minute.

        Args:
            error: What the embedder, the store or the damaged entry raised.

        Raises:
            BaseException: The error itself, where the cache does not fail open.
        """
        super().failed(error)
        if not self._fail_open:
            raise error
        self._log(error)

    def _log(self, error: BaseException) -> None:
        # A dead embedder fails each request; the log must stay readable.
        now = self._clock()
        with self._log_lock:
            self._unsaid += 1
            if self._said is not None and now - self._said < _QUIET_SECONDS:
                return
            count, self._unsaid, self._said = self._unsaid, 0, now
        _LOG.warning(
            "the %s cache answers nothing while this lasts (errors since the last line: %d): %s: %s",
            self._name,
            count,
            type(error).__name__,
            redact(str(error)),
        )
