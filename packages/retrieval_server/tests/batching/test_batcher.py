"""Batches: at once when idle, fuller when busy, each caller with a result or an error of its own."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence
from typing import Any

import pytest

from racto.core.errors import (
    DeadlineExceededError,
    EngineError,
    RactoGatewayError,
    RateLimitError,
)
from racto.retrieval.server.batching import Batcher, BatchSettings
from racto.retrieval.server.errors import QueueFullError, ServiceClosedError


class Engine:
    """Answers each item with itself, when its gate is open, and notes every batch."""

    def __init__(self, *, poison: frozenset[Any] = frozenset()) -> None:
        self.batches: list[list[Any]] = []
        self.groups: list[Any] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.poison = poison

    async def __call__(self, items: Sequence[Any], group: Any) -> list[Any]:
        self.batches.append(list(items))
        self.groups.append(group)
        await self.gate.wait()
        if bad := self.poison.intersection(items):
            raise ValueError(f"cannot read {sorted(bad)}")
        return [f"<{item}>" for item in items]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_lone_request_starts_at_once() -> None:
    engine = Engine()
    batcher = Batcher(engine, BatchSettings(batch_size=32))
    assert await batcher.submit("a") == "<a>"
    assert engine.batches == [["a"]]


async def test_what_arrives_together_is_one_batch() -> None:
    engine = Engine()
    batcher = Batcher(engine)
    assert await asyncio.gather(*(batcher.submit(i) for i in range(5))) == [
        f"<{i}>" for i in range(5)
    ]
    assert engine.batches == [[0, 1, 2, 3, 4]]


async def test_what_arrives_while_busy_is_the_next_batch() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=4))
    first = asyncio.create_task(batcher.submit("first"))
    await settle()
    rest = [asyncio.create_task(batcher.submit(i)) for i in range(6)]
    await settle()
    assert engine.batches == [["first"]]
    engine.gate.set()
    await asyncio.gather(first, *rest)
    assert engine.batches == [["first"], [0, 1, 2, 3], [4, 5]]


async def test_several_batches_run_at_once_by_option() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=2, in_flight=2))
    tasks = [asyncio.create_task(batcher.submit(i)) for i in range(6)]
    await settle()
    assert engine.batches == [[0, 1], [2, 3]]
    engine.gate.set()
    await asyncio.gather(*tasks)


async def test_a_batch_waits_to_become_full_and_no_longer_than_asked() -> None:
    engine = Engine()
    batcher = Batcher(engine, BatchSettings(batch_size=3, max_wait_time=30))
    tasks = [asyncio.create_task(batcher.submit(i)) for i in range(2)]
    await settle()
    assert engine.batches == []
    tasks.append(asyncio.create_task(batcher.submit(2)))
    await asyncio.gather(*tasks)
    assert engine.batches == [[0, 1, 2]]
    brief = Batcher(engine, BatchSettings(batch_size=3, max_wait_time=0.01))
    assert await brief.submit("alone") == "<alone>"


async def test_work_bounds_a_batch_and_a_giant_runs_alone() -> None:
    engine = Engine()
    batcher = Batcher(engine, BatchSettings(batch_size=32, max_work=100))
    works = [60, 30, 20, 500, 10]
    await asyncio.gather(*(batcher.submit(w, work=w) for w in works))
    assert engine.batches == [[60, 30], [20], [500], [10]]


async def test_groups_never_mix_and_are_served_in_turn() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=2))
    tasks = [asyncio.create_task(batcher.submit(f"a{i}", group="A")) for i in range(5)]
    tasks += [asyncio.create_task(batcher.submit("b", group="B"))]
    await settle()
    engine.gate.set()
    await asyncio.gather(*tasks)
    assert engine.batches == [["a0", "a1"], ["b"], ["a2", "a3"], ["a4"]]
    assert engine.groups == ["A", "B", "A", "A"]


async def test_one_poisoned_item_fails_alone() -> None:
    engine = Engine(poison=frozenset({13}))
    batcher = Batcher(engine)
    answers = await asyncio.gather(*(batcher.submit(i) for i in range(32)), return_exceptions=True)
    failed = [i for i, answer in enumerate(answers) if isinstance(answer, Exception)]
    assert failed == [13]
    assert isinstance(answers[13], EngineError)
    # The text of a foreign error may hold anything; it stays in the cause.
    assert "cannot read" not in str(answers[13])
    assert isinstance(answers[13].__cause__, ValueError)
    assert [a for i, a in enumerate(answers) if i != 13] == [f"<{i}>" for i in range(32) if i != 13]
    # 32 whole, then halves on the way to the one: two for each of five levels.
    assert len(engine.batches) == 11


async def test_an_error_in_an_items_place_is_that_items() -> None:
    async def run(items: Sequence[Any], group: Any) -> list[Any]:
        return [EngineError("no") if item == "bad" else item for item in items]

    batcher = Batcher(run)
    answers = await asyncio.gather(
        *(batcher.submit(item) for item in ("good", "bad", "fine")), return_exceptions=True
    )
    assert (answers[0], answers[2]) == ("good", "fine")
    assert isinstance(answers[1], EngineError)
    assert batcher.stats.failed == 1


async def test_a_back_end_that_is_down_is_not_asked_again_and_again() -> None:
    calls: list[int] = []

    async def run(items: Sequence[Any], group: Any) -> list[Any]:
        calls.append(len(items))
        raise RateLimitError("later", retryable=True, retry_after=3)

    batcher = Batcher(run)
    answers = await asyncio.gather(*(batcher.submit(i) for i in range(8)), return_exceptions=True)
    assert calls == [8]
    assert all(isinstance(a, RateLimitError) and a.retry_after == 3 for a in answers)
    assert len({id(a) for a in answers}) == 8


async def test_division_ends_when_its_time_is_over() -> None:
    engine = Engine(poison=frozenset(range(8)))
    batcher = Batcher(engine, BatchSettings(isolation_s=0))
    answers = await asyncio.gather(*(batcher.submit(i) for i in range(8)), return_exceptions=True)
    assert engine.batches == [list(range(8))]
    assert all(isinstance(answer, EngineError) for answer in answers)


@pytest.mark.parametrize("returned", [0, 1, 3], ids=["none", "too-few", "too-many"])
async def test_a_wrong_number_of_results_is_an_error_for_each(returned: int) -> None:
    async def run(items: Sequence[Any], group: Any) -> list[Any]:
        return ["x"] * returned if len(items) == 2 else []

    answers = await asyncio.gather(
        *(Batcher(run).submit(i) for i in range(1)),
        return_exceptions=True,
    )
    assert isinstance(answers[0], EngineError)
    batcher = Batcher(run)
    pair = await asyncio.gather(batcher.submit(1), batcher.submit(2), return_exceptions=True)
    assert all(isinstance(a, EngineError) and "results for" in str(a) for a in pair)


async def test_identical_requests_share_one_place() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine)
    tasks = [asyncio.create_task(batcher.submit("q", key="q")) for _ in range(32)]
    await settle()
    # Also while the batch runs.
    tasks += [asyncio.create_task(batcher.submit("q", key="q")) for _ in range(3)]
    await settle()
    engine.gate.set()
    assert await asyncio.gather(*tasks) == ["<q>"] * 35
    assert engine.batches == [["q"]]
    assert batcher.stats.joined == 34
    # And a later one is run anew.
    assert await batcher.submit("q", key="q") == "<q>"
    assert len(engine.batches) == 2


async def test_joining_one_that_was_settled_in_a_divided_batch_runs_anew() -> None:
    engine = Engine(poison=frozenset({"bad"}))
    batcher = Batcher(engine)
    first = asyncio.create_task(batcher.submit("good", key="good"))
    bad = asyncio.create_task(batcher.submit("bad", key="bad"))

    async def again() -> Any:
        await first
        return await batcher.submit("good", key="good")

    second = asyncio.create_task(again())
    with pytest.raises(EngineError):
        await bad
    assert await asyncio.wait_for(second, 5) == "<good>"


async def test_abandoned_requests_leave_the_queue_and_nothing_behind() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1))
    running = asyncio.create_task(batcher.submit("running"))
    await settle()

    class Item:
        pass

    items = [Item() for _ in range(40)]
    alive = weakref.WeakSet(items)
    tasks = [asyncio.create_task(batcher.submit(item, key=i)) for i, item in enumerate(items)]
    await settle()
    assert batcher.stats.waiting == 40
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert batcher.stats.waiting == 0
    assert batcher.stats.abandoned == 40
    engine.gate.set()
    await running
    await settle()
    assert engine.batches == [["running"]]
    # The last task's error holds the frames in which it was raised.
    del items, tasks, task
    gc.collect()
    assert not alive


async def test_one_of_two_callers_may_hang_up() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1))
    running = asyncio.create_task(batcher.submit("running"))
    await settle()
    first = asyncio.create_task(batcher.submit("q", key="q"))
    second = asyncio.create_task(batcher.submit("q", key="q"))
    await settle()
    first.cancel()
    await settle()
    engine.gate.set()
    assert await second == "<q>"
    await running


async def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1, max_queue=10))
    tasks = [asyncio.create_task(batcher.submit(0))]
    await settle()
    tasks += [asyncio.create_task(batcher.submit(i)) for i in range(1, 11)]
    await settle()
    refused = await asyncio.gather(
        *(batcher.submit(i) for i in range(10_000)), return_exceptions=True
    )
    accepted = [r for r in refused if not isinstance(r, QueueFullError)]
    assert accepted == []
    waits = [error.retry_after for error in refused if isinstance(error, QueueFullError)]
    assert all(wait is not None and 0 < wait <= 60 for wait in waits)
    assert batcher.stats.waiting == 10
    assert batcher.stats.refused == 10_000
    engine.gate.set()
    assert await asyncio.gather(*tasks) == [f"<{i}>" for i in range(11)]


async def test_a_deadline_drops_a_request_that_still_waits() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1))
    running = asyncio.create_task(batcher.submit("running"))
    await settle()
    loop = asyncio.get_running_loop()
    with pytest.raises(DeadlineExceededError, match="deadline"):
        await batcher.submit("late", deadline=loop.time() + 0.02)
    assert batcher.stats.waiting == 0
    engine.gate.set()
    await running
    assert engine.batches == [["running"]]


async def test_closing_finishes_what_waits_and_takes_nothing_new() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1, max_wait_time=60))
    tasks = [asyncio.create_task(batcher.submit(i)) for i in range(3)]
    await settle()
    closing = asyncio.create_task(batcher.aclose())
    await settle()
    with pytest.raises(ServiceClosedError):
        await batcher.submit("new")
    engine.gate.set()
    await closing
    assert await asyncio.gather(*tasks) == ["<0>", "<1>", "<2>"]


async def test_closing_fails_what_takes_too_long() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1))
    tasks = [asyncio.create_task(batcher.submit(i)) for i in range(3)]
    await settle()
    await batcher.aclose(timeout_s=0.01)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(answer, ServiceClosedError) for answer in answers)


def test_a_batcher_belongs_to_one_loop() -> None:
    async def run(items: Sequence[Any], group: Any) -> list[Any]:
        return list(items)

    batcher = Batcher(run, name="bm25")
    assert asyncio.run(batcher.submit(1)) == 1
    with pytest.raises(RactoGatewayError, match="'bm25' belongs to another event loop"):
        asyncio.run(batcher.submit(1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 0),
        ("batch_size", True),
        ("max_queue", -1),
        ("in_flight", 1.5),
        ("max_wait_time", -0.1),
        ("max_wait_time", float("nan")),
        ("max_work", 0),
        ("isolation_s", float("inf")),
    ],
    ids=str,
)
def test_settings_out_of_range_are_named(name: str, value: Any) -> None:
    with pytest.raises(RactoGatewayError, match=name):
        BatchSettings(**{name: value})


async def test_nobody_joins_a_request_that_closing_has_failed() -> None:
    engine = Engine()
    engine.gate.clear()
    batcher = Batcher(engine, BatchSettings(batch_size=1))
    tasks = [asyncio.create_task(batcher.submit(i, key=i)) for i in range(2)]
    await settle()
    await batcher.aclose(timeout_s=0.01)
    await asyncio.gather(*tasks, return_exceptions=True)
    # It waited for ever for a result that nobody was going to make.
    with pytest.raises(ServiceClosedError):
        await asyncio.wait_for(batcher.submit(1, key=1), 5)
