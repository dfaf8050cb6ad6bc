"""The way of a request through a service: checked, looked up, run once for all who ask, kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable, Mapping
from typing import Any

from racto.retrieval.server.cache import Cache, LRUCache, RedisCache, request_key, scope_of
from racto.retrieval.server.cache.copies import copied
from racto.retrieval.server.errors import InvalidRequestError

from .flights import Flights

_log = logging.getLogger(__name__)


class Processor:
    """Stands between a transport and an engine, and handles one request at a time.

    Subclasses override :meth:`_submit`. Identical requests that are on their way at the same time
    are run once. The cache's key is made of every field of the request, of the service and of its
    configuration; the reference's default (service, query, limit, subset) mixed up requests that
    differ in other fields.

    Args:
        cache_size: Most cached responses; -1 or 0 for no cache.
        cache_ttl: Seconds for which a response is kept; -1 for ever.
        cache_key: Makes the cache's key of a request instead.
        redis_url: Where a Redis server is that keeps the responses instead of this process.
        redis_kwargs: Options of its client.
        cache: A cache of your own instead; ``cache_size`` and the rest are then ignored.
        scope: What keeps this service's keys apart from those of all others.
    """

    def __init__(
        self,
        cache_size: int = 1024,
        cache_ttl: float = 600,
        cache_key: Callable[[dict[str, Any]], Hashable] | None = None,
        redis_url: str | None = None,
        redis_kwargs: Mapping[str, Any] | None = None,
        *,
        cache: Cache | None = None,
        scope: str = "",
    ) -> None:
        self.scope = scope_of(scope, type(self).__name__)
        self.cache_key = cache_key
        self.cache = cache
        if cache is None and cache_size > 0 and redis_url is not None:
            self.cache = RedisCache(
                cache_size, cache_ttl, redis_url, namespace=scope, **(redis_kwargs or {})
            )
        elif cache is None and cache_size > 0:
            self.cache = LRUCache(cache_size, cache_ttl)
        self.cache_failures = 0
        self._flights = Flights(scope or type(self).__name__)
        self._writes: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Make ready before the first request; subclasses load here what takes long."""
        _log.debug("%s is ready", type(self).__name__)

    async def submit(
        self, item: Mapping[str, Any], *, deadline: float | None = None
    ) -> dict[str, Any]:
        """Answer one request.

        Args:
            item: The request; it is not changed.
            deadline: The loop's time after which nobody is interested any more.

        Returns:
            The response, the caller's own, with ``cached`` saying where it came from.

        Raises:
            InvalidRequestError: If a field is missing or wrong.
            QueueFullError: If too many requests wait.
            DeadlineExceededError: If the deadline passed.
            EngineError: If the engine failed on this request.
        """
        if not isinstance(item, Mapping):
            raise InvalidRequestError(f"a request is an object, not a {type(item).__name__}")
        request = self.checked(item)
        key = request_key(self.scope, request)
        # Flights go by the whole request even where the cache goes by less.
        place = key if self.cache_key is None else self.cache_key(dict(request))
        if self.cache is not None:
            hit = await self._looked_up(self.cache, place)
            if hit is not None:
                hit["cached"] = True
                return hit
        result = await self._answered(request, key, deadline)
        if self.cache is not None:
            await self._kept(self.cache, place, result)
        # Those who joined got the very same object.
        response: dict[str, Any] = copied(result)
        response["cached"] = False
        return response

    async def aclose(self, timeout_s: float = 30.0) -> None:
        """Finish what is under way, then close the cache.

        Args:
            timeout_s: How long to wait, in seconds.
        """
        await self._flights.aclose(timeout_s)
        await asyncio.gather(*self._writes, return_exceptions=True)
        if self.cache is not None:
            await self.cache.close()

    def checked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request as it will be run, in a dictionary of its own.

        Args:
            item: The request as it came.

        Raises:
            InvalidRequestError: If a field is missing or wrong.
        """
        return dict(item)

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        raise InvalidRequestError(f"{type(self).__name__} has no _submit method")

    def _answered(
        self, item: dict[str, Any], key: Hashable, deadline: float | None
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        return self._flights.fly(key, lambda: self._submit(item), deadline)

    async def _looked_up(self, cache: Cache, key: Hashable) -> dict[str, Any] | None:
        try:
            found = await cache.get(key)
        except Exception:
            # A cache makes things faster and must not make them fail.
            self.cache_failures += 1
            _log.exception("cache look-up of %s failed; going on without", type(self).__name__)
            return None
        return found if isinstance(found, dict) else None

    async def _kept(self, cache: Cache, key: Hashable, result: dict[str, Any]) -> None:
        if not cache.remote:
            await self._written(cache, key, result)
            return
        # The caller need not wait for the round trip; the set keeps the task from vanishing.
        task = asyncio.get_running_loop().create_task(self._written(cache, key, result))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _written(self, cache: Cache, key: Hashable, result: dict[str, Any]) -> None:
        try:
            await cache.put(key, result)
        except Exception:
            self.cache_failures += 1
            _log.exception("cache write of %s failed; going on without", type(self).__name__)
