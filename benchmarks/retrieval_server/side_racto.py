"""racto's processors, cache, pipelines and fusion over engines that cost nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stubs import AT_ONCE, queries, ranking, rankings

from racto.core import Engine
from racto.retrieval.server import (
    RRF,
    AsyncQueryProcessor,
    BatchPairwiseScoreProcessor,
    BatchQueryProcessor,
    Pipelines,
    Processor,
    Registry,
)


class Stub(Engine):
    """Knows its answers beforehand."""

    def __init__(self, count: int) -> None:
        super().__init__("stub")
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

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        return {"text": "the text of a document", "id": item["id"]}


class WholeBatches(Documents):
    """The same, read by the batch."""

    async def fetch(self, ids: Sequence[str], view: str | None = None) -> list[str]:
        return ["the text of a document" for _ in ids]


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
    item: Mapping[str, Any] = {"query": "tea", "limit": 10}
    loop.run_until_complete(processor.submit(item))

    async def work() -> None:
        for _ in range(100):
            found = await processor.submit(item)
        assert found["cached"]

    return _calls(loop, work, 100)


def pipeline(text: str, *, by_batch: bool = True) -> Callable[[], int]:
    """One pipeline, one run after the other, no result from a cache."""
    loop, fresh = asyncio.new_event_loop(), queries()
    registry = Registry()
    registry.register("s", "search", BatchQueryProcessor(Stub(100), cache_size=0))
    registry.register("r", "score", BatchPairwiseScoreProcessor(Stub(100), cache_size=0))
    documents = WholeBatches if by_batch else Documents
    registry.register("docs", "content", documents(cache_size=0))
    pipelines = Pipelines(registry)

    async def work() -> None:
        for _ in range(20):
            found = await pipelines.arun(text, next(fresh), collection="docs")
        assert len(found["scores"]) == (20 if ">>" in text else 100)

    return _calls(loop, work, 20)


def fusion(is_sorted: bool, limit: int | None = None) -> Callable[[], int]:
    """Reciprocal rank fusion by the engine's own method."""
    engine, given = RRF(), [rankings(is_sorted)]
    options: dict[str, Any] = {} if limit is None else {"limit": limit}

    def once() -> int:
        (found,) = engine.fuse_batch(["q"], given, **options)
        assert len(found) == (limit or len(found))
        return 1

    return once


def _calls(
    loop: asyncio.AbstractEventLoop, work: Callable[[], Any], count: int
) -> Callable[[], int]:
    def once() -> int:
        loop.run_until_complete(work())
        return count

    return once
