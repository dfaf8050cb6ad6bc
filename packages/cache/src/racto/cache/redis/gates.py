"""Lets a service go on without its Redis: failures are counted, told once a minute, and not waited for.

After a call that got no answer, further calls are not made for a short while; then one is let
through to see. So a dead Redis costs one timeout each ``cool_down``, not one each request.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

from racto.cache.counts import METRIC_ERRORS
from racto.core.errors import APIConnectionError, ConfigurationError, RactoGatewayError
from racto.core.protocols.metrics import Metrics

from .connections import AsyncWork, RedisLink, Work
from .failures import PROVIDER, is_foreign, is_outage, is_setup

T = TypeVar("T")

_LOG_SECONDS = 60.0

_log = logging.getLogger("racto.cache")


class RedisGate:
    """Calls to a Redis that may fail.

    A failure that only a person can mend is raised nevertheless: a setting that is wrong always; a
    password or right that Redis refuses as long as no call has ever worked. After that, such as
    when a password was changed, it is one failure among others.

    Args:
        link: The Redis.
        name: What metrics and the log call the service: ``"redis_exact"``.
        fail_open: Whether failures give way to a substitute; otherwise they are raised.
        metrics: Counts failures as ``racto.cache.errors``.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        link: RedisLink,
        *,
        name: str,
        fail_open: bool = True,
        metrics: Metrics | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link = link
        self._name, self._fail_open, self._metrics, self._clock = name, fail_open, metrics, clock
        self._lock = threading.Lock()
        self._was_reached = False
        # When the next call may be made; zero while all is well.
        self._closed_until = 0.0
        self._last = ""
        self._log_at = float("-inf")
        self._untold = 0
        self.errors = 0

    def call(self, work: Work[T], *, otherwise: T) -> T:
        """Run one piece of work, or do without.

        Args:
            work: What :meth:`RedisLink.call` takes.
            otherwise: The result when Redis fails.

        Raises:
            RactoGatewayError: If Redis fails and ``fail_open`` is off, or a person must mend it.
        """
        if self._closed_until and not self._enters():
            return self._skipped(otherwise)
        try:
            answer = self.link.call(work)
        except RactoGatewayError as error:
            return self._failed(error, otherwise)
        if self._closed_until or not self._was_reached:
            self._worked()
        return answer

    async def acall(self, work: AsyncWork[T], *, otherwise: T) -> T:
        """Async twin of :meth:`call`."""
        if self._closed_until and not self._enters():
            return self._skipped(otherwise)
        try:
            answer = await self.link.acall(work)
        except RactoGatewayError as error:
            return self._failed(error, otherwise)
        if self._closed_until or not self._was_reached:
            self._worked()
        return answer

    def note(self, trouble: str, kind: str) -> None:
        """Count and tell something that is wrong with what Redis holds.

        Args:
            trouble: What, for the log.
            kind: The metric's ``error.type``.
        """
        with self._lock:
            self.errors += 1
            self._untold += 1
            now = self._clock()
            untold = self._untold
            is_due = now >= self._log_at
            if is_due:
                self._log_at, self._untold = now + _LOG_SECONDS, 0
        if self._metrics is not None:
            attributes = {"racto.cache": self._name, "error.type": kind}
            self._metrics.count(METRIC_ERRORS, 1, attributes)
        if is_due:
            _log.warning("%s goes on without (%d since last told): %s", self._name, untold, trouble)

    def _enters(self) -> bool:
        """Whether a call may be made; lets one through when the time has come."""
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                return False
            # The others wait for what this one finds.
            self._closed_until = now + self.link.options.cool_down
            return True

    def _worked(self) -> None:
        with self._lock:
            self._was_reached, self._closed_until = True, 0.0

    def _failed(self, error: RactoGatewayError, otherwise: T) -> T:
        if isinstance(error, ConfigurationError) or (is_setup(error) and not self._was_reached):
            raise error
        if is_outage(error):
            with self._lock:
                self._closed_until = self._clock() + self.link.options.cool_down
                self._last = error.message
        else:
            # It answers, whatever it says: there is nothing to wait for.
            with self._lock:
                self._closed_until = 0.0
        if not self._fail_open and not is_foreign(error):
            raise error
        self.note(error.message, type(error).__name__)
        return otherwise

    def _skipped(self, otherwise: T) -> T:
        if not self._fail_open:
            self._refuse()
        self.note(self._last, APIConnectionError.__name__)
        return otherwise

    def _refuse(self) -> NoReturn:
        left = max(0.0, self._closed_until - self._clock())
        raise APIConnectionError(
            f"not asked again for {left:.2f} s, as it failed just now: {self._last}",
            provider=PROVIDER,
            retry_after=left,
        )
