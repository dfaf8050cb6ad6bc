"""Processors whose engine takes many requests at once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from typing import Any

from racto.retrieval.server.batching import Batcher, BatcherStats, BatchSettings
from racto.retrieval.server.cache import Cache
from racto.retrieval.server.errors import InvalidRequestError

from .processor import Processor


class BatchProcessor(Processor):
    """Collects requests into batches; subclasses override :meth:`_process_batch`.

    A batch starts as soon as the engine is idle, and what comes meanwhile is the next one. With
    ``prefer_full`` a batch waits for more, for at most ``max_wait_time``; the reference always
    waited, which cost a lone request the whole time.

    Args:
        batch_size: Most requests in one batch.
        max_wait_time: Longest time in seconds that a batch waits to become fuller.
        cache_size: Most cached responses; -1 or 0 for no cache.
        cache_ttl: Seconds for which a response is kept; -1 for ever.
        cache_key: Makes the cache's key of a request instead of the whole request.
        prefer_full: Whether to wait for fuller batches.
        max_work: Most work in one batch (passages, where passages are scored); None for any.
        max_queue: Most requests that may wait; further ones are refused.
        in_flight: How many batches may run at once.
        isolation_s: How long a failed batch may be divided to find the faulty requests.
        cache: A cache of your own.
        scope: What keeps this service's keys apart from those of all others.
        redis_url: Where a Redis server is that keeps the responses.
        redis_kwargs: Options of its client.

    Raises:
        ConfigurationError: If a size or a time is out of range.
    """

    def __init__(
        self,
        batch_size: int = 32,
        max_wait_time: float = 0.1,
        cache_size: int = 1024,
        cache_ttl: float = 600,
        cache_key: Callable[[dict[str, Any]], Hashable] | None = None,
        *,
        prefer_full: bool = False,
        max_work: float | None = None,
        max_queue: int = 1024,
        in_flight: int = 1,
        isolation_s: float = 5.0,
        cache: Cache | None = None,
        scope: str = "",
        redis_url: str | None = None,
        redis_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            cache_size, cache_ttl, cache_key, redis_url, redis_kwargs, cache=cache, scope=scope
        )
        settings = BatchSettings(
            batch_size=batch_size,
            max_wait_time=max_wait_time if prefer_full else 0.0,
            max_work=max_work,
            max_queue=max_queue,
            in_flight=in_flight,
            isolation_s=isolation_s,
        )
        self.batch_size = batch_size
        self.max_wait_time = max_wait_time
        self.batcher = Batcher(self._run, settings, name=scope or type(self).__name__)

    @property
    def stats(self) -> BatcherStats:
        """What its batcher has done so far."""
        return self.batcher.stats

    async def aclose(self, timeout_s: float = 30.0) -> None:
        """Finish what waits and runs, then close the cache."""
        await self.batcher.aclose(timeout_s)
        await super().aclose(timeout_s)

    def group_of(self, item: Mapping[str, Any]) -> Hashable:
        """What requests of one batch must share; the engine's options, as a rule."""
        return None

    def work_of(self, item: Mapping[str, Any]) -> float:
        """A request's share of ``max_work``."""
        return 1.0

    async def _process_batch(self, batch: list[dict[str, Any]]) -> Sequence[Any]:
        raise InvalidRequestError(f"{type(self).__name__} has no _process_batch method")

    def _answered(
        self, item: dict[str, Any], key: Hashable, deadline: float | None
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        return self.batcher.submit(
            item, group=self.group_of(item), key=key, work=self.work_of(item), deadline=deadline
        )

    async def _run(self, batch: Sequence[Any], group: Any) -> Sequence[Any]:
        return await self._process_batch(list(batch))
