"""RoutIR's processors, cache, pipelines and fusion over the same engines; its log is off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from routir.models import Engine
from routir.models.fusion import RRF
from routir.pipeline import SearchPipeline
from routir.processors import (
    AsyncQueryProcessor,
    BatchPairwiseScoreProcessor,
    BatchQueryProcessor,
    Processor,
    ProcessorRegistry,
)
from routir.utils import dict_topk
from stubs import AT_ONCE, queries, ranking, rankings

logging.disable(logging.INFO)


class Stub(Engine):
    """Knows its answers beforehand."""

    def __init__(self, count: int) -> None:
        super().__init__("stub", {})
        self._found = ranking(count)

    async def search_batch(
        self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any
    ) -> Any:
        return [self._found] * len(queries)

    async def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> Any:
        return [[float(place) for place in range(count)] for count in candidate_length]


class Documents(Processor):
    """A collection whose every document has the same words."""

    async def _submit(self, item: Any) -> dict[str, Any]:
        return {"text": "the text of a document", "id": item["id"]}


def batcher() -> Callable[[], int]:
    """Requests at once, all through one batcher."""
    loop, fresh = asyncio.new_event_loop(), queries()
    processor = BatchQueryProcessor(Stub(10), batch_size=AT_ONCE, cache_size=0)

    async def work() -> None:
        asked = [{"query": next(fresh), "limit": 10} for _ in range(AT_ONCE)]
        found = await asyncio.gather(*map(processor.submit, asked))
        assert len(found[-1]["scores"]) == 10

    return _calls(loop, work, AT_ONCE)


def cache_hit() -> Callable[[], int]:
    """The same request again and again."""
    loop = asyncio.new_event_loop()
    processor = AsyncQueryProcessor(Stub(10), cache_size=1024)

    async def kept() -> None:
        await processor.submit({"query": "tea", "limit": 10})
        # It is written into the cache by a task of its own.
        await asyncio.sleep(0.01)

    loop.run_until_complete(kept())

    async def work() -> None:
        # The key goes by fields that its processor takes out of a request: each has its own.
        for _ in range(100):
            found = await processor.submit({"query": "tea", "limit": 10})
        assert found["cached"]

    return _calls(loop, work, 100)


def pipeline(text: str, *, by_batch: bool = True) -> Callable[[], int]:
    """One pipeline, one run after the other; it always reads documents one by one."""
    loop, fresh = asyncio.new_event_loop(), queries()
    # Without waiting for others: what is measured is its own work.
    options: dict[str, Any] = {"cache_size": 0, "max_wait_time": 0}
    ProcessorRegistry.register("s", "search", BatchQueryProcessor(Stub(100), **options))
    ProcessorRegistry.register("r", "score", BatchPairwiseScoreProcessor(Stub(100), **options))
    ProcessorRegistry.register("docs", "content", Documents(cache_size=0))

    async def work() -> None:
        for _ in range(20):
            found = await SearchPipeline.cached_run(text, next(fresh), "docs")
        assert len(found["scores"]) == (20 if ">>" in text else 100)

    return _calls(loop, work, 20)


def fusion(is_sorted: bool, limit: int | None = None) -> Callable[[], int]:
    """Reciprocal rank fusion by the engine's own method."""
    loop, engine, given = asyncio.new_event_loop(), RRF("rrf", {}), [rankings(is_sorted)]

    async def work() -> None:
        (found,) = await engine.fuse_batch(["q"], given)
        if limit is not None:
            # As its pipeline does for RRF%100.
            found = dict_topk(found, limit)
        assert len(found) == (limit or len(found))

    return _calls(loop, work, 1)


def _calls(
    loop: asyncio.AbstractEventLoop, work: Callable[[], Any], count: int
) -> Callable[[], int]:
    def once() -> int:
        loop.run_until_complete(work())
        return count

    return once
