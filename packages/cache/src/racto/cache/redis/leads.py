"""Who fetches a reply for all processes: one holds the lead on Redis, the others look in again.

The lead is a key with the leader's token and a time to live, which is renewed while the leader
lives. Only its holder removes it; that of a process that died goes by itself. While Redis is away
each process leads its own calls.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Protocol, cast

from racto.cache.counts import Counts
from racto.cache.faults import common_fault, retold
from racto.cache.flights import Flight, Flights, Landing
from racto.cache.replies import Snapshot, snapshot
from racto.core.errors import InvalidResponseError
from racto.core.flows import Flow, arun, run, step
from racto.core.responses import LLMResponse
from racto.core.secrets import redact

from .gates import RedisGate
from .renewals import RELEASE, Renewals
from .shelf import RedisShelf, Work

if TYPE_CHECKING:
    from racto.core.errors import RactoGatewayError

# Seconds between two looks: soon at first, for short calls, and then a little per cent of the wait.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5


class RedisLeads:
    """Makes one call out of many that ask the same at once, in this process and in all.

    Args:
        gate: The Redis.
        shelf: Where replies lie.
        counts: Told of hits and misses.
        wait_seconds: Most seconds to wait for another's reply.
        lead_seconds: Seconds after which the lead of a process that died is free.
    """

    def __init__(
        self,
        gate: RedisGate,
        shelf: RedisShelf,
        *,
        counts: Counts,
        wait_seconds: float,
        lead_seconds: float,
    ) -> None:
        self.gate, self.shelf, self._counts = gate, shelf, counts
        self.flights: Flights[Snapshot] = Flights(wait_seconds)
        self._wait_seconds = wait_seconds
        self.renewals = Renewals(gate, lead_seconds=lead_seconds, longest=wait_seconds)

    def joined(
        self,
        digest: str,
        *,
        task: asyncio.Task[Any] | None,
        timeout: float | None,
        ttl_seconds: float | None = None,
    ) -> Flow[LLMResponse | RedisLead]:
        """The reply of another who fetches it just now, or the lead.

        Args:
            digest: What is asked; no reply was found.
            task: The caller's task; None outside of one.
            timeout: Most seconds to wait; None for the setting.
            ttl_seconds: Seconds for which the lead keeps the reply.

        Raises:
            RactoGatewayError: What another in this process met, when it is the request's own fault.
        """
        limit = self._wait_seconds if timeout is None else min(timeout, self._wait_seconds)
        end = time.monotonic() + limit
        got = yield from self.flights.board(digest, task=task, seconds=limit)
        if isinstance(got, Flight):
            token = token_hex(16)
            try:
                found = yield from self._raced(digest, token, end)
            except BaseException:
                # The claim may have come through before its task was cancelled.
                _let_go(self, digest, token)
                self.flights.land(got, Landing())
                raise
            if not isinstance(found, LLMResponse):
                self._counts.miss()
                if found is not None:
                    self.renewals.hold(self.shelf.lead_key(digest), token)
                return RedisLead(self, got, token=found, ttl_seconds=ttl_seconds)
            self.flights.land(got, Landing(snapshot(found)))
            self._counts.hit()
            return found
        self._counts.hit()
        if got.value is not None:
            return got.value.response(cached=True)
        # A landing without either is flown again.
        raise retold(cast("RactoGatewayError", got.error))

    def kept(
        self, digest: str, response: LLMResponse, token: str | None, ttl_seconds: float | None
    ) -> Flow[None]:
        """Keep what the leader brought, and let other processes on."""
        shelf = self.shelf
        work = yield from step(shelf.writing, shelf.awriting, digest, response, ttl_seconds)
        if work is not None:
            yield from self._asked(work, None)
        yield from self.released(digest, token)

    def released(self, digest: str, token: str | None) -> Flow[None]:
        """Let other processes on."""
        if token is not None:
            self.renewals.drop(token)
            keys, arguments = [self.shelf.lead_key(digest)], [token.encode()]
            yield from self._both(
                lambda client: RELEASE.run(client, keys, arguments),
                lambda client: RELEASE.arun(client, keys, arguments),
                None,
            )

    def _raced(self, digest: str, token: str, end: float) -> Flow[LLMResponse | str | None]:
        """Another process's reply, or the token once it holds the lead; None to go without."""
        shelf = self.shelf
        key, lead, life = shelf.key(digest), shelf.lead_key(digest), self.renewals.milliseconds
        while True:
            claim: Work = lambda client: client.set(lead, token, nx=True, px=life)  # noqa: E731
            if (yield from self._asked(claim, True)):
                # It may have come between the look at the shelf and this one.
                data = yield from self._asked(shelf.reading(digest), None)
                found = yield from step(shelf.opened, shelf.aopened, data)
                if found is None:
                    return token
                yield from self.released(digest, token)
                return found
            pause = _FIRST_PAUSE
            while (left := end - time.monotonic()) > 0:
                yield from step(time.sleep, _arest, min(pause, _LONGEST_PAUSE, left))
                pause *= 1.5
                both = yield from self._asked(lambda client: client.mget(key, lead), (None, None))
                found = yield from step(shelf.opened, shelf.aopened, both[0])
                if found is not None:
                    return found
                if both[1] is None:
                    break
            else:
                return None

    def _asked(self, work: Work, otherwise: Any) -> Generator[Any, Any, Any]:
        return self._both(work, work, otherwise)

    def _both(self, work: Work, awork: Work, otherwise: Any) -> Generator[Any, Any, Any]:
        gate: _Calls = self.gate

        def call() -> Any:
            return gate.call(work, otherwise=otherwise)

        def acall() -> Any:
            return gate.acall(awork, otherwise=otherwise)

        return step(call, acall)


def _let_go(leads: RedisLeads, digest: str, token: str) -> None:
    """Let other processes on, in a thread for which nobody waits: the caller may not wait."""
    leads.renewals.drop(token)

    def work() -> None:
        try:
            run(leads.released(digest, token))
        except Exception as error:
            # The lead ends by itself, and there is nobody to raise to; whoever closes the cache
            # meanwhile takes the connection away.
            leads.gate.note(redact(str(error)), type(error).__name__)

    threading.Thread(target=work, name="racto-cache-release", daemon=True).start()


async def _arest(seconds: float, /) -> None:
    await asyncio.sleep(seconds)


class _Calls(Protocol):
    def call(self, work: Work, *, otherwise: Any) -> Any: ...

    async def acall(self, work: Work, *, otherwise: Any) -> Any: ...


class RedisLead:
    """The task of fetching one reply; keeps :class:`~racto.core.protocols.Lead`.

    Args:
        leads: Who gave it.
        flight: Where others in this process wait.
        token: What holds the lead on Redis; None when nothing does.
        ttl_seconds: Seconds to keep the reply; None for the cache's setting.
    """

    def __init__(
        self,
        leads: RedisLeads,
        flight: Flight[Snapshot],
        *,
        token: str | None,
        ttl_seconds: float | None,
    ) -> None:
        self._leads, self._flight = leads, flight
        self._token, self._ttl = token, ttl_seconds

    def finish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Hand the reply to all who wait, and keep it if it is fit.

        Processes that wait get it from Redis; where it was not kept, one of them leads.

        Args:
            response: The reply.
            keep: Whether it may be kept.
        """
        run(self._finished(response, keep))

    async def afinish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Async twin of :meth:`finish`."""
        await arun(self._finished(response, keep))

    def abandon(self, error: BaseException | None = None) -> None:
        """Let go without a reply. Redis is told in a thread, for which nobody waits.

        Args:
            error: Why; all in this process who wait raise it when it is the request's own fault.
        """
        if not self._leads.flights.land(self._flight, Landing(error=common_fault(error))):
            return
        if self._token is not None:
            _let_go(self._leads, self._flight.key, self._token)

    def _finished(self, response: LLMResponse, keep: bool) -> Flow[None]:
        leads, digest = self._leads, self._flight.key
        # Those of this process first: a slow Redis does not hold them up, and what was paid for
        # reaches them also when this task is cancelled while it writes.
        if not leads.flights.land(self._flight, Landing(self._copy(response))):
            return
        try:
            if keep:
                yield from leads.kept(digest, response, self._token, self._ttl)
            else:
                yield from leads.released(digest, self._token)
        except BaseException:
            if self._token is not None:
                _let_go(leads, digest, self._token)
            raise

    def _copy(self, response: LLMResponse) -> Snapshot | None:
        try:
            return snapshot(response)
        except InvalidResponseError as error:
            self._leads.gate.note(error.message, type(error).__name__)
            return None
