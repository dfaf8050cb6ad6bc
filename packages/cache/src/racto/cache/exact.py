"""The exact cache: the same request gets its reply again, and eight at once make one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, cast

from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.caches import Lead
from racto.core.protocols.metrics import Metrics
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats

from .config import CacheConfig
from .five_parts import FivePartCache
from .keys import alocal_key, local_key
from .leads import AsyncCompute, Coalescer, Compute, LoneLead
from .shelf import ReplyShelf, check_life, check_wait, monotonic, settings_of

if TYPE_CHECKING:
    import asyncio


class ExactMatchCache(FivePartCache):
    """Replies by everything that decides them, in the memory of this process.

    Keeps :class:`~racto.core.protocols.ExactCache` and
    :class:`~racto.core.protocols.Coalescing`; the reference's ``get``, ``put`` and ``invalidate``
    by five parts work beside them, on entries of their own. Safe to share between threads, tasks
    and event loops. What goes in and what comes out are copies; replies that were cut, filtered or
    refused are never kept. ``raw`` is left out.

    Args:
        max_size: Most entries; 0 for no limit. The one used longest ago goes first.
        ttl_seconds: Seconds to keep an entry, fractions too; None for no end.
        max_bytes: Most bytes of all entries together, as far as can be told; None for no limit.
        keep_tool_calls: Whether replies that ask for tools are kept.
        stale_seconds: Seconds after its time in which :meth:`get_or_compute` still serves an
            entry, while it fetches a new one behind it; None for never.
        negative_ttl_seconds: Seconds in which a failure that is the request's own fault is raised
            again without a call, by :meth:`join` and :meth:`get_or_compute`; None for never.
        wait_seconds: Most seconds to wait for another's call; then the caller makes his own.
        clock: Tells the time in seconds; where it jumps back, time stands still.
        metrics: Told of hits, misses, evictions and errors under ``racto.cache.*``. A kit counts
            hits and misses of its caches too: give them to one of the two.

    Raises:
        ConfigurationError: If a limit or time is out of range.
    """

    def __init__(
        self,
        max_size: int = 1024,
        ttl_seconds: float | None = None,
        *,
        max_bytes: int | None = None,
        keep_tool_calls: bool = False,
        stale_seconds: float | None = None,
        negative_ttl_seconds: float | None = None,
        wait_seconds: float = 120.0,
        clock: Callable[[], float] = monotonic,
        metrics: Metrics | None = None,
    ) -> None:
        config = settings_of(
            max_size=max_size,
            ttl_seconds=ttl_seconds,
            max_bytes=max_bytes,
            keep_tool_calls=keep_tool_calls,
            stale_seconds=stale_seconds,
            negative_ttl_seconds=negative_ttl_seconds,
        )
        check_wait("wait_seconds", wait_seconds)
        self._shelf = ReplyShelf(config, clock=clock, metrics=metrics)
        self._replies, self._counts = self._shelf.replies, self._shelf.counts
        self._coalescer = Coalescer(self._shelf, wait_seconds=wait_seconds)

    @classmethod
    def of(cls, config: CacheConfig, *, metrics: Metrics | None = None) -> Self:
        """A cache with these settings.

        Args:
            config: The settings.
            metrics: As in the class.
        """
        return cls(**config.model_dump(), metrics=metrics)

    def lookup(self, request: ChatRequest) -> LLMResponse | None:
        """A copy of the remembered reply with ``cached=True``, or None.

        Args:
            request: What is asked.
        """
        return self._seek(local_key(request))

    async def alookup(self, request: ChatRequest) -> LLMResponse | None:
        """Async twin of :meth:`lookup`; files are hashed in a thread."""
        return self._seek(await alocal_key(request))

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a copy of a reply that is whole.

        A request that has no key, and a reply that cannot be copied, are not kept.

        Args:
            request: What was asked.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.

        Raises:
            ConfigurationError: If ``ttl_seconds`` is not above 0.
        """
        key = local_key(request)
        if key is not None:
            self._shelf.keep(key, response, ttl_seconds=ttl_seconds)

    async def aremember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Async twin of :meth:`remember`."""
        key = await alocal_key(request)
        if key is not None:
            self._shelf.keep(key, response, ttl_seconds=ttl_seconds)

    def forget(self, request: ChatRequest) -> bool:
        """Drop one entry; whether it was there.

        Args:
            request: What was asked.
        """
        key = local_key(request)
        return key is not None and self._shelf.drop(key)

    async def aforget(self, request: ChatRequest) -> bool:
        """Async twin of :meth:`forget`."""
        key = await alocal_key(request)
        return key is not None and self._shelf.drop(key)

    def join(self, request: ChatRequest, *, timeout: float | None = None) -> LLMResponse | Lead:
        """The remembered reply, or that of a caller who fetches it just now, or the lead.

        Args:
            request: What is asked.
            timeout: Most seconds to wait for the other; ``wait_seconds`` holds as well.

        Raises:
            RactoGatewayError: What the other met, when it is the request's own fault.
        """
        key = local_key(request)
        found = self._fresh(key)
        return found if found is not None else run(self._joined(key, None, timeout))

    async def ajoin(
        self, request: ChatRequest, *, timeout: float | None = None
    ) -> LLMResponse | Lead:
        """Async twin of :meth:`join`."""
        key = await alocal_key(request)
        found = self._fresh(key)
        return found if found is not None else await arun(self._joined(key, _task(), timeout))

    def get_or_compute(
        self,
        request: ChatRequest,
        compute: Compute,
        *,
        timeout: float | None = None,
        ttl_seconds: float | None = None,
    ) -> LLMResponse:
        """The remembered reply, or the one that ``compute`` makes, once for all who ask at once.

        A failed ``compute`` raises here. Those who wait raise it too when it is the request's own
        fault (a bad request, a content filter, a reply that never fits its model); otherwise one
        of them computes. With ``stale_seconds`` an entry that is out of date is served while a
        thread computes a new one; when that fails, it stays until it is gone.

        Args:
            request: What is asked.
            compute: Makes the reply.
            timeout: Most seconds to wait for another's; ``wait_seconds`` holds as well.
            ttl_seconds: Seconds to keep the reply; None for the cache's own setting.

        Raises:
            ConfigurationError: If ``ttl_seconds`` is not above 0.
        """
        check_life(ttl_seconds)
        key = local_key(request)
        entry = None if key is None else self._replies.get(key, stale=True, counts=True)
        if key is None or entry is None:
            return run(self._computed(key, compute, None, timeout, ttl_seconds))
        if self._replies.is_stale(entry):
            self._coalescer.refresh(key, compute, ttl_seconds=ttl_seconds)
        self._counts.tell_hit()
        return entry.value.response(cached=True)

    async def aget_or_compute(
        self,
        request: ChatRequest,
        compute: AsyncCompute,
        *,
        timeout: float | None = None,
        ttl_seconds: float | None = None,
    ) -> LLMResponse:
        """Async twin of :meth:`get_or_compute`; a stale entry is renewed in a task."""
        check_life(ttl_seconds)
        key = await alocal_key(request)
        entry = None if key is None else self._replies.get(key, stale=True, counts=True)
        if key is None or entry is None:
            # The driver of this voice awaits what it returns.
            work = cast("Compute", compute)
            return await arun(self._computed(key, work, _task(), timeout, ttl_seconds))
        if self._replies.is_stale(entry):
            await self._coalescer.arefresh(key, compute, ttl_seconds=ttl_seconds)
        self._counts.tell_hit()
        return entry.value.response(cached=True)

    def clear(self) -> None:
        """Drop all entries, and begin to count anew; calls under way go on."""
        self._shelf.clear()

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        self._shelf.clear()

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far."""
        return self._shelf.stats()

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        return self.stats

    @property
    def evictions(self) -> int:
        """Entries that had to go before their time."""
        return self._counts.evictions

    @property
    def errors(self) -> int:
        """Replies that could not be kept, and refreshes that failed."""
        return self._counts.errors

    @property
    def bytes(self) -> int:
        """Bytes of all entries together; 0 unless ``max_bytes`` is set."""
        return self._replies.bytes

    def __len__(self) -> int:
        """Entries that have time left."""
        return len(self._replies)

    def _fresh(self, key: str | None) -> LLMResponse | None:
        entry = None if key is None else self._replies.get(key, counts=True)
        if entry is None:
            return None
        if self._counts.is_watched:
            self._counts.tell_hit()
        return entry.value.response(cached=True)

    def _seek(self, key: str | None) -> LLMResponse | None:
        found = self._fresh(key)
        if found is None:
            self._counts.miss()
        return found

    def _keep(self, key: str, response: LLMResponse) -> None:
        self._shelf.keep(key, response)

    def _drop(self, key: str) -> bool:
        return self._shelf.drop(key)

    def _joined(
        self,
        key: str | None,
        task: asyncio.Task[Any] | None,
        timeout: float | None,
        ttl_seconds: float | None = None,
    ) -> Flow[LLMResponse | Lead]:
        if key is None:
            self._counts.miss()
            return LoneLead()
        return (
            yield from self._coalescer.joined(
                key, task=task, timeout=timeout, ttl_seconds=ttl_seconds
            )
        )

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
            got.finish(response)
        except BaseException as error:
            got.abandon(error)
            raise
        return response


def _task() -> asyncio.Task[Any] | None:
    import asyncio

    return asyncio.current_task()
