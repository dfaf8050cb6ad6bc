"""One Redis for one service: its clients, made at first use, and calls whose errors are racto's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .addresses import parse_address
from .dialers import Dialer, RedisOptions as RedisOptions, aclose, async_twin, close, undecoded
from .failures import failure
from .loops import LoopClient, LoopClients
from .threads import ThreadedClient

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

T = TypeVar("T")

Work: TypeAlias = Callable[["Redis"], T]
"""What a link does with its client."""

AsyncWork: TypeAlias = Callable[["AsyncRedis"], Awaitable[T]]
"""The same in the async voice."""

LOCAL_URL = "redis://localhost:6379/0"


class RedisLink:
    """Speaks to one Redis, in both voices, by one pool of connections each.

    The forms of the URL are in :mod:`racto.cache.redis.addresses`. Nothing connects before the
    first call. The async client belongs to the running loop; every loop has its own, which the
    loop closes when it ends.

    A client of yours is used as it is and never closed. Its async twin is made from its settings;
    where that cannot be (a cluster, sentinels, a fake), it is called in worker threads, unless you
    give ``aclient`` too. One with ``decode_responses=True`` is copied without.

    Args:
        url: Where the Redis is; not read when ``client`` is given.
        client: A ``redis.Redis`` of yours.
        aclient: A ``redis.asyncio.Redis`` of yours, for the async voice.
        options: How it is spoken to.

    Raises:
        ConfigurationError: If the URL has none of the forms, or the client cannot be used.
    """

    def __init__(
        self,
        url: str = LOCAL_URL,
        *,
        client: Any = None,
        aclient: Any = None,
        options: RedisOptions | None = None,
    ) -> None:
        self.options = options or RedisOptions()
        self._lock = threading.Lock()
        self._given = client
        self._given_async = aclient
        self._client: Any = None if client is None else undecoded(client)
        address = None if client is not None else parse_address(url)
        self._dialer = None if address is None else Dialer(address, self.options)
        # A plain pool lets further calls wait; the others raise.
        self._is_seated = address is not None and address.layout != "single"
        self._loops = LoopClients(
            partial(_made_async, self._dialer, self._client, aclient, self.options),
            close=_left_open if aclient is not None else aclose,
            seats=self.options.max_connections,
        )
        self.place = str(address) if address is not None else _place(client)

    def client(self) -> Redis:
        """The sync client; one pool, made at first use.

        Raises:
            MissingExtraError: If redis-py is not installed.
            ConfigurationError: If an option of the URL is wrong.
        """
        with self._lock:
            if self._client is None and self._dialer is not None:
                self._client = self._dialer.client()
            client: Redis = self._client
            return client

    async def aclient(self) -> AsyncRedis:
        """Async twin of :meth:`client`: the running loop's client."""
        client: AsyncRedis = (await self._held()).client
        return client

    def call(self, work: Work[T]) -> T:
        """Run one piece of work with the client.

        Args:
            work: Takes the client, sends what it wants, and returns the result.

        Raises:
            APIConnectionError: If Redis cannot be reached, or the connection broke.
            RactoGatewayTimeoutError: If it did not answer in time.
            RactoGatewayAuthError: If it refuses the password, or the user may not do this.
            OverloadedError: If it is out of memory, or still loading.
            ServerError: If it is a replica, or its cluster is not whole.
            BadRequestError: If the command or the stored type is wrong.
        """
        try:
            return work(self._client if self._client is not None else self.client())
        except Exception as error:
            told = failure(error, self.place)
            if told is None:
                raise
            raise told from error

    async def acall(self, work: AsyncWork[T]) -> T:
        """Async twin of :meth:`call`."""
        task = asyncio.current_task()
        asked = 0 if task is None else task.cancelling()
        try:
            held = await self._held()
            if not self._is_seated:
                answer = await work(held.client)
            else:
                async with held.seats:
                    answer = await work(held.client)
        except Exception as error:
            told = failure(error, self.place)
            if told is None:
                raise
            raise told from error
        # redis-py sends by asyncio.wait_for, which on Python 3.11 loses a cancellation that comes
        # at that moment; the task would go on, and a time limit around it would not hold.
        if task is not None and task.cancelling() > asked:
            raise asyncio.CancelledError
        return answer

    def close(self) -> None:
        """Close the connections; a later call opens new ones. Your own client stays open."""
        self._loops.close()
        with self._lock:
            client, self._client = self._client, self._given and self._client
        if client is not None and client is not self._given:
            close(client)

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._loops.aclose()
        await asyncio.to_thread(self.close)

    async def _held(self) -> LoopClient:
        found = self._loops.here()
        if found is not None:
            return found
        if self._dialer is not None and self._given_async is None:
            await asyncio.to_thread(self._dialer.load)
        return await self._loops.held()


def _made_async(dialer: Dialer | None, client: Any, aclient: Any, options: RedisOptions) -> Any:
    if aclient is not None:
        return aclient
    if dialer is not None:
        return dialer.aclient()
    return async_twin(client, options) or ThreadedClient(client)


async def _left_open(client: Any) -> None:
    """Leaves the user's own client as it is."""


def _place(client: Any) -> str:
    told = getattr(getattr(client, "connection_pool", None), "connection_kwargs", None) or {}
    if path := told.get("path"):
        return f"unix://{path}"
    if host := told.get("host"):
        return f"redis://{host}:{told.get('port', 6379)}/{told.get('db', 0)}"
    return f"the given {type(client).__name__}"
