"""Who fetches a reply, who waits for it, and who gets it while it is fetched anew."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, cast

from racto.core.flows import Flow
from racto.core.responses import LLMResponse
from racto.core.secrets import redact

from .faults import retold
from .flights import Flight, Flights, Landing
from .replies import Snapshot
from .shelf import ReplyShelf

if TYPE_CHECKING:
    import asyncio

    from racto.core.errors import RactoGatewayError

Compute: TypeAlias = Callable[[], LLMResponse]
"""Makes a reply."""

AsyncCompute: TypeAlias = Callable[[], Awaitable[LLMResponse]]
"""Makes a reply and is awaited."""

_log = logging.getLogger("racto.cache")


class ReplyLead:
    """The task of fetching one reply; keeps :class:`~racto.core.protocols.Lead`.

    Args:
        flights: Where others wait.
        shelf: Where the reply goes.
        flight: What is to be landed.
        ttl_seconds: Seconds to keep the reply; None for the shelf's setting.
    """

    def __init__(
        self,
        flights: Flights[Snapshot],
        shelf: ReplyShelf,
        *,
        flight: Flight[Snapshot],
        ttl_seconds: float | None = None,
    ) -> None:
        self._flights = flights
        self._shelf = shelf
        self._flight = flight
        self._ttl = ttl_seconds

    def finish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Hand the reply to all who wait, and keep it if it is fit.

        Args:
            response: The reply.
            keep: Whether it may be kept.
        """
        flight, shelf = self._flight, self._shelf
        if flight.is_landed:
            return
        try:
            # Kept before those who come next find no flight.
            if keep:
                reply = shelf.keep(flight.key, response, ttl_seconds=self._ttl)
            else:
                reply = shelf.copy(response)
        except BaseException:
            self.abandon()
            raise
        self._flights.land(flight, Landing(reply))

    async def afinish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Async twin of :meth:`finish`; nothing in it blocks."""
        self.finish(response, keep=keep)

    def abandon(self, error: BaseException | None = None) -> None:
        """Let go without a reply.

        Args:
            error: Why; all who wait raise it when the request brings it to anybody.
        """
        fault = None if self._flight.is_landed else self._shelf.refuse(self._flight.key, error)
        self._flights.land(self._flight, Landing(error=fault))


class LoneLead:
    """The lead for a request that no cache can know: nobody waits, and nothing is kept."""

    def finish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Do nothing.

        Args:
            response: The reply.
            keep: Has no meaning here.
        """

    async def afinish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Async twin of :meth:`finish`."""

    def abandon(self, error: BaseException | None = None) -> None:
        """Do nothing.

        Args:
            error: Has no meaning here.
        """


class Coalescer:
    """Makes one call out of many that ask the same at once.

    Args:
        shelf: Where replies are.
        wait_seconds: Most seconds to wait for another's reply.
    """

    def __init__(self, shelf: ReplyShelf, *, wait_seconds: float) -> None:
        self._shelf = shelf
        self._flights: Flights[Snapshot] = Flights(wait_seconds)
        self._wait_seconds = wait_seconds
        # The event loop holds its tasks weakly.
        self._tasks: set[asyncio.Task[None]] = set()

    def joined(
        self,
        key: str,
        *,
        task: asyncio.Task[object] | None,
        timeout: float | None,
        ttl_seconds: float | None = None,
    ) -> Flow[LLMResponse | ReplyLead]:
        """The reply of a caller who fetches it just now, or the lead.

        Args:
            key: What is asked; the shelf has no fresh reply to it.
            task: The caller's task; None outside of one.
            timeout: Most seconds to wait; None for the setting.
            ttl_seconds: Seconds for which the lead keeps the reply.

        Raises:
            RactoGatewayError: What the other met, or what is remembered, when it is the request's
                own fault.
        """
        shelf, flights = self._shelf, self._flights
        refusal = shelf.refusal(key)
        if refusal is not None:
            shelf.counts.hit()
            raise retold(refusal)
        limit = self._wait_seconds if timeout is None else min(timeout, self._wait_seconds)
        got = yield from flights.board(key, task=task, seconds=limit)
        if isinstance(got, Flight):
            # It may have landed between the look at the shelf and the boarding.
            entry = shelf.replies.get(key)
            if entry is None:
                shelf.counts.miss()
                return ReplyLead(flights, shelf, flight=got, ttl_seconds=ttl_seconds)
            flights.land(got, landing := Landing(entry.value))
            got = landing
        shelf.counts.hit()
        if got.value is not None:
            return got.value.response(cached=True)
        raise retold(cast("RactoGatewayError", got.error))

    def refresh(self, key: str, compute: Compute, *, ttl_seconds: float | None) -> None:
        """Fetch a reply anew in a thread, unless somebody does already.

        Args:
            key: What is asked.
            compute: Makes the reply.
            ttl_seconds: Seconds to keep it.
        """
        flight = self._flights.lead(key, task=None)
        if flight is None:
            return
        lead = ReplyLead(self._flights, self._shelf, flight=flight, ttl_seconds=ttl_seconds)

        def work() -> None:
            flight.adopt()
            try:
                lead.finish(compute())
            except Exception as error:
                self._failed(lead, error)
            finally:
                lead.abandon()

        context = contextvars.copy_context()
        # A daemon: nobody waits for it, not even the interpreter's end.
        threading.Thread(
            target=context.run, args=(work,), name="racto-cache-refresh", daemon=True
        ).start()

    async def arefresh(self, key: str, compute: AsyncCompute, *, ttl_seconds: float | None) -> None:
        """Async twin of :meth:`refresh`: in a task, for which nobody waits either."""
        import asyncio

        flight = self._flights.lead(key, task=None)
        if flight is None:
            return
        lead = ReplyLead(self._flights, self._shelf, flight=flight, ttl_seconds=ttl_seconds)

        async def work() -> None:
            flight.adopt(asyncio.current_task())
            try:
                lead.finish(await compute())
            except Exception as error:
                self._failed(lead, error)

        task = asyncio.get_running_loop().create_task(work(), name="racto-cache-refresh")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Also of a task that was cancelled before its first step.
        task.add_done_callback(lambda _: lead.abandon())

    def _failed(self, lead: ReplyLead, error: Exception) -> None:
        lead.abandon(error)
        self._shelf.counts.failed(error)
        _log.warning(
            "a stale reply stays because its refresh failed: %s: %s",
            type(error).__name__,
            redact(str(error)),
        )
