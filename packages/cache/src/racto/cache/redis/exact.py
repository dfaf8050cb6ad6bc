"""The exact cache on Redis: what one process asked, all others know; without Redis it is a miss."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from racto.cache.counts import Counts
from racto.cache.five_parts import FivePartCache
from racto.cache.keys import find_key, five_part_key
from racto.cache.leads import AsyncCompute, Compute, LoneLead
from racto.cache.replies import COMPRESS_ABOVE
from racto.cache.shelf import check_life, check_wait
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.caches import Lead
from racto.core.protocols.metrics import Metrics
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats

from .connections import LOCAL_URL, RedisLink, RedisOptions
from .gates import RedisGate
from .leads import RedisLeads
from .shelf import RedisShelf
from .sweeps import acount, aerase, count, erase

if TYPE_CHECKING:
    import asyncio


class RedisExactCache(FivePartCache):
    """Replies by everything that decides them, shared by all processes that use one Redis.

    Keeps :class:`~racto.core.protocols.ExactCache` and :class:`~racto.core.protocols.Coalescing`;
    the reference's ``get``, ``put`` and ``invalidate`` by five parts work beside them. Replies that
    were cut, filtered or refused are never kept, nor is ``raw``. What is found damaged or foreign
    is a miss, and counted.

    A Redis that is down, slow, full or read-only makes every question a miss and is told once a
    minute in the log ``racto.cache``; a password that is wrong from the start raises. ``forget``,
    ``invalidate`` and ``clear`` raise: who drops something must know that it is still there.

    Which entries go when Redis is full is a setting of Redis, ``maxmemory-policy allkeys-lru``.

    Args:
        url: Where the Redis is; see :mod:`racto.cache.redis.addresses` for the forms. Not read
            when ``client`` is given.
        client: A ``redis.Redis`` of yours; see :class:`RedisLink` for its async twin.
        ttl_seconds: Seconds to keep an entry, fractions too; None for no end.
        key_prefix: Namespace of the keys: of an application, of a tenant. No cache sees or clears
            what lies under another's prefix.
        aclient: A ``redis.asyncio.Redis`` of yours for the async methods.
        options: Time limits and size of the pool.
        keep_tool_calls: Whether replies that ask for tools are kept.
        compress_above: Bytes of JSON from which on an entry is compressed.
        wait_seconds: Most seconds to wait for another's call; then the caller makes his own.
        lead_seconds: How long a process that died can hold the others up. One that lives renews
            its lead, until ``wait_seconds`` have passed.
        fail_open: Whether to go on without Redis; otherwise its failures are raised.
        metrics: Told of hits, misses and errors under ``racto.cache.*``.

    Raises:
        ConfigurationError: If the URL or a setting is wrong.
    """

    _key_of = staticmethod(five_part_key)

    def __init__(
        self,
        *,
        url: str = LOCAL_URL,
        client: Any = None,
        ttl_seconds: float | None = None,
        key_prefix: str = "racto:exact",
        aclient: Any = None,
        options: RedisOptions | None = None,
        keep_tool_calls: bool = False,
        compress_above: int = COMPRESS_ABOVE,
        wait_seconds: float = 120.0,
        lead_seconds: float = 30.0,
        fail_open: bool = True,
        metrics: Metrics | None = None,
    ) -> None:
        check_wait("wait_seconds", wait_seconds)
        check_wait("lead_seconds", lead_seconds, least=0.001)
        self._link = RedisLink(url, client=client, aclient=aclient, options=options)
        self._gate = RedisGate(self._link, name="redis_exact", fail_open=fail_open, metrics=metrics)
        self._counts = Counts("redis_exact", metrics)
        self._shelf = RedisShelf(
            self._gate,
            prefix=key_prefix,
            ttl_seconds=ttl_seconds,
            keep_tool_calls=keep_tool_calls,
            compress_above=compress_above,
        )
        self._leads = RedisLeads(
            self._gate,
            self._shelf,
            counts=self._counts,
            wait_seconds=wait_seconds,
            lead_seconds=lead_seconds,
        )

    def lookup(self, request: ChatRequest) -> LLMResponse | None:
        """The remembered reply with ``cached=True``, or None.

        Args:
            request: What is asked.
        """
        return self._seek(find_key(request))

    async def alookup(self, request: ChatRequest) -> LLMResponse | None:
        """Async twin of :meth:`lookup`; large files and replies are read in a thread."""
        return await self._aseek(await _afind_key(request))

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a reply that is whole.

        Args:
            request: What was asked; one that has no key is not kept.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.

        Raises:
            ConfigurationError: If ``ttl_seconds`` is not above 0.
        """
        self._keep(find_key(request), response, ttl_seconds)

    async def aremember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Async twin of :meth:`remember`."""
        await self._akeep(await _afind_key(request), response, ttl_seconds)

    def forget(self, request: ChatRequest) -> bool:
        """Drop one entry; whether it was there.

        Args:
            request: What was asked.

        Raises:
            RactoGatewayError: If Redis fails.
        """
        return self._drop(find_key(request))

    async def aforget(self, request: ChatRequest) -> bool:
        """Async twin of :meth:`forget`."""
        return await self._adrop(await _afind_key(request))

    def join(self, request: ChatRequest, *, timeout: float | None = None) -> LLMResponse | Lead:
        """The remembered reply, or that of a caller of any process who fetches it, or the lead.

        Args:
            request: What is asked.
            timeout: Most seconds to wait for the other; ``wait_seconds`` holds as well.

        Raises:
            RactoGatewayError: What another of this process met, when it is the request's own fault.
        """
        return run(self._joined(find_key(request), None, timeout))

    async def ajoin(
        self, request: ChatRequest, *, timeout: float | None = None
    ) -> LLMResponse | Lead:
        """Async twin of :meth:`join`."""
        return await arun(self._joined(await _afind_key(request), _task(), timeout))

    def get_or_compute(
        self,
        request: ChatRequest,
        compute: Compute,
        *,
        timeout: float | None = None,
        ttl_seconds: float | None = None,
    ) -> LLMResponse:
        """The remembered reply, or the one that ``compute`` makes, once for all who ask at once.

        All processes count, as long as the call takes less than ``wait_seconds``. A failed
        ``compute`` raises here; of those who wait, one computes next.

        Args:
            request: What is asked.
            compute: Makes the reply.
            timeout: Most seconds to wait for another's; ``wait_seconds`` holds as well.
            ttl_seconds: Seconds to keep the reply; None for the cache's own setting.

        Raises:
            ConfigurationError: If ``ttl_seconds`` is not above 0.
        """
        check_life(ttl_seconds)
        return run(self._computed(find_key(request), compute, None, timeout, ttl_seconds))

    async def aget_or_compute(
        self,
        request: ChatRequest,
        compute: AsyncCompute,
        *,
        timeout: float | None = None,
        ttl_seconds: float | None = None,
    ) -> LLMResponse:
        """Async twin of :meth:`get_or_compute`."""
        check_life(ttl_seconds)
        key = await _afind_key(request)
        # The driver of this voice awaits what it returns.
        work = cast("Compute", compute)
        return await arun(self._computed(key, work, _task(), timeout, ttl_seconds))

    def clear(self) -> None:
        """Drop all entries under the prefix, in small steps, and begin to count anew.

        Raises:
            RactoGatewayError: If Redis fails; some entries may be left.
        """
        self._link.call(lambda client: erase(client, self._shelf.pattern))
        self._counts.reset()

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await self._link.acall(lambda client: aerase(client, self._shelf.pattern))
        self._counts.reset()

    @property
    def stats(self) -> CacheStats:
        """Hits and misses of this object, and the entries of all; 0 entries without Redis.

        Counting walks over every key of the database, a thousand of them in some milliseconds: for
        a page about the cache, not for each request.
        """
        size = self._gate.call(lambda client: count(client, self._shelf.pattern), otherwise=0)
        return self._counts.stats(size)

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        size = await self._gate.acall(
            lambda client: acount(client, self._shelf.pattern), otherwise=0
        )
        return self._counts.stats(size)

    @property
    def errors(self) -> int:
        """Calls of this object that went on without Redis, and entries that were damaged."""
        return self._gate.errors

    def close(self) -> None:
        """Give the connections back; a client of yours stays open."""
        self._leads.renewals.clear()
        self._link.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        self._leads.renewals.clear()
        await self._link.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __len__(self) -> int:
        """Entries of all processes; as costly as :attr:`stats`."""
        return self.stats.size

    def __bool__(self) -> bool:
        # An empty cache is one too, and nobody expects a question to Redis here.
        return True

    def _seek(self, key: str | None) -> LLMResponse | None:
        return self._told(self._fetch(key))

    async def _aseek(self, key: str | None) -> LLMResponse | None:
        return self._told(await self._afetch(key))

    def _fetch(self, key: str | None) -> LLMResponse | None:
        if key is None:
            return None
        return self._shelf.opened(self._gate.call(self._shelf.reading(key), otherwise=None))

    async def _afetch(self, key: str | None) -> LLMResponse | None:
        if key is None:
            return None
        return await self._shelf.aopened(
            await self._gate.acall(self._shelf.reading(key), otherwise=None)
        )

    def _told(self, found: LLMResponse | None) -> LLMResponse | None:
        if found is None:
            self._counts.miss()
        else:
            self._counts.hit()
        return found

    def _keep(
        self, key: str | None, response: LLMResponse, ttl_seconds: float | None = None
    ) -> None:
        work = None if key is None else self._shelf.writing(key, response, ttl_seconds)
        if work is not None:
            self._gate.call(work, otherwise=None)

    async def _akeep(
        self, key: str | None, response: LLMResponse, ttl_seconds: float | None = None
    ) -> None:
        if key is None:
            return
        work = await self._shelf.awriting(key, response, ttl_seconds)
        if work is not None:
            await self._gate.acall(work, otherwise=None)

    def _drop(self, key: str | None) -> bool:
        return key is not None and bool(self._link.call(self._shelf.dropping(key)))

    async def _adrop(self, key: str | None) -> bool:
        return key is not None and bool(await self._link.acall(self._shelf.dropping(key)))

    def _joined(
        self,
        key: str | None,
        task: asyncio.Task[Any] | None,
        timeout: float | None,
        ttl_seconds: float | None = None,
    ) -> Flow[LLMResponse | Lead]:
        found = yield from step(self._fetch, self._afetch, key)
        if found is not None:
            self._counts.hit()
            return found
        if key is None:
            self._counts.miss()
            return LoneLead()
        lead = yield from self._leads.joined(
            key, task=task, timeout=timeout, ttl_seconds=ttl_seconds
        )
        return lead

    def _computed(
        self,
        key: str | None,
        compute: Compute,
        task: asyncio.Task[Any] | None,
        timeout: float | None,
        ttl_seconds: float | None,
    ) -> Flow[LLMResponse]:
        got = yield from self._joined(key, task, timeout, ttl_seconds)
        if isinstance(got, LLMResponse):
            return got
        try:
            response = yield from step(compute, cast("AsyncCompute", compute))
            yield from step(got.finish, got.afinish, response)
        except BaseException as error:
            got.abandon(error)
            raise
        return response


async def _afind_key(request: ChatRequest) -> str | None:
    config = request.config
    # Parts other than text may be files, whose bytes are hashed.
    if config.attachments or any(type(each.content) is not str for each in config.history):
        import asyncio

        return await asyncio.to_thread(find_key, request)
    return find_key(request)


def _task() -> asyncio.Task[Any] | None:
    import asyncio

    return asyncio.current_task()
