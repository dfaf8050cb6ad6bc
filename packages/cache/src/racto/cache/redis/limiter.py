"""A rate limiter that any number of processes share: one round trip a call, by the server's clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from os import urandom
from typing import Any, Literal, TypeAlias

from racto.cache.config import RateLimitConfig
from racto.cache.limits.guards import Guard
from racto.cache.limits.rules import Verdict, check_call, check_used, never, remaining
from racto.cache.limits.tallies import Tally
from racto.core.errors import ConfigurationError
from racto.core.protocols.limiters import Reservation
from racto.core.protocols.metrics import Metrics

from .calls import MARK_LENGTH, Call, Calls
from .connections import LOCAL_URL, RedisLink, RedisOptions
from .gates import RedisGate

OnUnreachable: TypeAlias = Literal["allow", "refuse", "raise"]
"""What a limiter does while its Redis fails: let all calls go on, none, or raise."""


class RedisRateLimiter(Guard):
    """Grants at most each limit's amount in any stretch of its window, to all processes together.

    Decides as :class:`~racto.cache.LocalRateLimiter` does; see :mod:`racto.cache.limits.windows`
    for the algorithm and how bursts behave. Each call is one script, so one round trip, and no
    refused request leaves a trace. Keys expire by themselves. Where a limit is shared by more than
    one user, all keys lie in one slot of a cluster. A server whose clock is set back grants nothing
    twice, and what was used counts for one window from then.

    While Redis fails, calls go on by default, with a count in ``racto.cache.errors`` and a line in
    the log once a minute; :meth:`reset` raises nevertheless. A wrong password or address raises at
    the first call.

    Args:
        url: Where the Redis is; not read when ``client`` is given.
        client: A ``redis.Redis`` of yours.
        config: The limits; by default 10,000 tokens a minute for each user.
        aclient: A ``redis.asyncio.Redis`` of yours, for the async voice.
        options: How the Redis is spoken to.
        on_unreachable: What to do while it fails: ``"allow"``, ``"refuse"`` or ``"raise"``.
        metrics: Counts what is granted, refused and failed.
        clock: Tells the time in seconds instead of the server, to let it pass in a test.

    Raises:
        ConfigurationError: If an argument is wrong.
    """

    def __init__(
        self,
        *,
        url: str = LOCAL_URL,
        client: Any = None,
        config: RateLimitConfig | None = None,
        aclient: Any = None,
        options: RedisOptions | None = None,
        on_unreachable: OnUnreachable = "allow",
        metrics: Metrics | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        if on_unreachable not in ("allow", "refuse", "raise"):
            raise ConfigurationError(
                f"on_unreachable must be 'allow', 'refuse' or 'raise', not {on_unreachable!r}"
            )
        self._calls = Calls(config or RateLimitConfig(), clock)
        self._link = RedisLink(url, client=client, aclient=aclient, options=options)
        fails_open = on_unreachable != "raise"
        self._gate = RedisGate(
            self._link, name="redis_limiter", fail_open=fails_open, metrics=metrics
        )
        self._tally = Tally(metrics, "redis") if metrics else None
        # What a call is told, and what is left, when nobody can be asked.
        wait = self._link.options.cool_down
        self._substitute = (
            Verdict(True) if on_unreachable == "allow" else Verdict(False, None, wait)
        )

    def get_remaining(self, user_id: str, *, model: str = "") -> int:
        """The most tokens that one call of the user could take now, as an exact number.

        With limits on requests alone, the requests that are left.
        """
        check_call(user_id, 1)
        return self._left(self._run(self._calls.look(user_id, 1, model)))

    async def aget_remaining(self, user_id: str, *, model: str = "") -> int:
        """Async twin of :meth:`get_remaining`."""
        check_call(user_id, 1)
        return self._left(await self._arun(self._calls.look(user_id, 1, model)))

    def retry_after(self, user_id: str, tokens: int = 1, *, model: str = "") -> float:
        """Seconds until ``tokens`` would fit; 0.0 when they fit now, ``inf`` when never.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        check_call(user_id, tokens)
        if never(self._calls.rules, tokens):
            return math.inf
        return self._verdict(self._run(self._calls.look(user_id, tokens, model))).retry_after

    async def aretry_after(self, user_id: str, tokens: int = 1, *, model: str = "") -> float:
        """Async twin of :meth:`retry_after`."""
        check_call(user_id, tokens)
        if never(self._calls.rules, tokens):
            return math.inf
        answer = await self._arun(self._calls.look(user_id, tokens, model))
        return self._verdict(answer).retry_after

    def reset(self, user_id: str) -> None:
        """Restore one user's own budgets in full; those of models and of all stay as they are.

        Reservations that the user still holds can no longer be settled.

        Raises:
            RactoGatewayError: If Redis fails, whatever ``on_unreachable`` is: nothing was restored.
        """
        check_call(user_id, 1)
        keys = self._calls.own_keys(user_id)
        self._link.call(lambda client: client.delete(*keys))

    async def areset(self, user_id: str) -> None:
        """Async twin of :meth:`reset`."""
        check_call(user_id, 1)
        keys = self._calls.own_keys(user_id)
        await self._link.acall(lambda client: client.delete(*keys))

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace a reservation's estimate by what was used; see :meth:`Guard.settle`.

        While Redis fails nothing is settled, and the estimate counts as used.
        """
        check_used(used)
        if len(reservation.token) >= MARK_LENGTH:
            self._run(self._calls.settle(reservation, used))

    async def asettle(self, reservation: Reservation, used: int) -> None:
        """Async twin of :meth:`settle`."""
        check_used(used)
        if len(reservation.token) >= MARK_LENGTH:
            await self._arun(self._calls.settle(reservation, used))

    def close(self) -> None:
        """Close the connections; your own client stays open."""
        self._link.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._link.aclose()

    def _decided(self, user_id: str, tokens: int, model: str, *, hold: bool = False) -> Verdict:
        check_call(user_id, tokens)
        verdict = never(self._calls.rules, tokens)
        if verdict is None:
            mark = urandom(16).hex() + model if hold else ""
            answer = self._run(self._calls.take(user_id, tokens, model, mark))
            verdict = self._verdict(answer, mark)
        return self._told(verdict)

    async def _adecided(
        self, user_id: str, tokens: int, model: str, *, hold: bool = False
    ) -> Verdict:
        check_call(user_id, tokens)
        verdict = never(self._calls.rules, tokens)
        if verdict is None:
            mark = urandom(16).hex() + model if hold else ""
            answer = await self._arun(self._calls.take(user_id, tokens, model, mark))
            verdict = self._verdict(answer, mark)
        return self._told(verdict)

    def _run(self, call: Call) -> Any:
        script, keys, arguments = call
        return self._gate.call(lambda client: script.run(client, keys, arguments), otherwise=None)

    async def _arun(self, call: Call) -> Any:
        script, keys, arguments = call
        return await self._gate.acall(
            lambda client: script.arun(client, keys, arguments), otherwise=None
        )

    def _verdict(self, answer: Any, mark: str = "") -> Verdict:
        return self._substitute if answer is None else self._calls.verdict(answer, mark)

    def _left(self, answer: Any) -> int:
        if answer is not None:
            return self._calls.left(answer)
        rules = self._calls.rules
        return remaining(rules, [0 if self._substitute.allowed else r.amount for r in rules])

    def _told(self, verdict: Verdict) -> Verdict:
        if self._tally:
            self._tally.add(verdict)
        return verdict
