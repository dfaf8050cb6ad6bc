"""The way of a request: one flight for all who ask the same, caches that never make it fail."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

import pytest

from racto.core.errors import DeadlineExceededError
from racto.retrieval.server.cache import Cache, CacheStats
from racto.retrieval.server.errors import (
    InvalidRequestError,
    QueueFullError,
    ServiceClosedError,
)
from racto.retrieval.server.processors import BatchProcessor, Processor


class Slow(Processor):
    """Answers when its gate is open."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.gate = asyncio.Event()
        self.runs = 0
        self.ended = 0

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        self.runs += 1
        try:
            await self.gate.wait()
        finally:
            self.ended += 1
        return {"text": item["id"]}


class Broken(Cache):
    """A cache whose every operation fails."""

    async def get(self, key: Hashable) -> Any:
        raise OSError("no")

    async def put(self, key: Hashable, value: Any) -> None:
        raise OSError("no")

    async def remove(self, key: Hashable) -> None:
        raise OSError("no")

    async def clear(self) -> None:
        raise OSError("no")

    async def close(self) -> None:
        return None

    @property
    def stats(self) -> CacheStats:
        return CacheStats()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_equal_requests_at_once_run_once() -> None:
    processor = Slow()
    tasks = [asyncio.create_task(processor.submit({"id": "a"})) for _ in range(10)]
    await settle()
    tasks[0].cancel()
    processor.gate.set()
    answers = await asyncio.gather(*tasks[1:])
    assert [answer["text"] for answer in answers] == ["a"] * 9
    assert processor.runs == 1
    assert len({id(answer) for answer in answers}) == 9


async def test_work_that_nobody_waits_for_ends() -> None:
    processor = Slow()
    tasks = [asyncio.create_task(processor.submit({"id": "a"})) for _ in range(3)]
    await settle()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await settle()
    assert processor.ended == 1
    # And who comes then is not handed the cancelled one.
    processor.gate.set()
    assert (await processor.submit({"id": "a"}))["text"] == "a"


async def test_a_deadline_ends_the_wait_of_one_caller_only() -> None:
    processor = Slow()
    patient = asyncio.create_task(processor.submit({"id": "a"}))
    loop = asyncio.get_running_loop()
    with pytest.raises(DeadlineExceededError):
        await processor.submit({"id": "a"}, deadline=loop.time() + 0.01)
    processor.gate.set()
    assert (await patient)["text"] == "a"


async def test_too_many_flights_are_refused() -> None:
    processor = Slow()
    tasks = [asyncio.create_task(processor.submit({"id": str(i)})) for i in range(1024)]
    await settle()
    with pytest.raises(QueueFullError):
        await processor.submit({"id": "one more"})
    processor.gate.set()
    await asyncio.gather(*tasks)


async def test_a_failing_cache_costs_time_and_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    processor = Slow(cache=Broken())
    processor.gate.set()
    assert (await processor.submit({"id": "a"}))["text"] == "a"
    assert processor.cache_failures == 2
    assert "cache look-up" in caplog.text
    await processor.aclose()


async def test_a_cache_key_of_ones_own_is_bound_to_its_own_service() -> None:
    # Made in a loop, as a configuration's services are: each must keep its own fields.
    made = {}
    for name, fields in (("a", ["id"]), ("b", ["id", "view"])):
        made[name] = Slow(cache_key=lambda item, f=tuple(fields): tuple(item.get(k) for k in f))
        made[name].gate.set()
    for processor in made.values():
        await processor.submit({"id": "1", "view": "x"})
    assert (await made["a"].submit({"id": "1", "view": "y"}))["cached"] is True
    assert (await made["b"].submit({"id": "1", "view": "y"}))["cached"] is False


async def test_a_request_is_an_object() -> None:
    with pytest.raises(InvalidRequestError, match="list"):
        await Slow().submit(["id"])  # type: ignore[arg-type]


async def test_subclasses_of_ones_own_process_batches() -> None:
    class Upper(BatchProcessor):
        async def _process_batch(self, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [{"text": item["text"].upper(), "size": len(batch)} for item in batch]

    processor = Upper()
    answers = await asyncio.gather(*(processor.submit({"text": t}) for t in "abc"))
    assert [(a["text"], a["size"]) for a in answers] == [("A", 3), ("B", 3), ("C", 3)]
    # The reference's default of a tenth of a second is an upper bound and not a toll.
    assert (processor.batch_size, processor.max_wait_time) == (32, 0.1)
    assert processor.batcher.settings.max_wait_time == 0
    await processor.aclose()


async def test_those_who_wait_at_the_end_are_told_that_it_is_the_end() -> None:
    processor = Slow()
    tasks = [asyncio.create_task(processor.submit({"id": "a"})) for _ in range(2)]
    await settle()
    await processor.aclose(timeout_s=0.01)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    # A cancellation would look to their transport as if their callers had hung up.
    assert [type(answer) for answer in answers] == [ServiceClosedError] * 2


async def test_writes_behind_a_callers_back_end_before_the_cache_is_closed() -> None:
    class Far(Broken):
        remote = True

        async def get(self, key: Hashable) -> Any:
            return None

        async def put(self, key: Hashable, value: Any) -> None:
            await written.wait()
            done.append("put")

        async def close(self) -> None:
            done.append("close")

    done: list[str] = []
    written = asyncio.Event()
    processor = Slow(cache=Far())
    processor.gate.set()
    assert (await asyncio.wait_for(processor.submit({"id": "a"}), 5))["text"] == "a"
    closing = asyncio.create_task(processor.aclose())
    await settle()
    written.set()
    await asyncio.wait_for(closing, 5)
    assert done == ["put", "close"]
