"""Hosts: plain engines never hold up the loop, and one engine is entered once at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from racto.core import Engine
from racto.core.errors import UnsupportedFeatureError
from racto.retrieval.server.engines import EngineHost, host_of


class Slow(Engine):
    """A plain engine that notices when two calls are inside it at once."""

    def __init__(self) -> None:
        super().__init__("slow")
        self.inside = 0
        self.most = 0
        self.threads: set[int] = set()

    def _work(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.threads.add(threading.get_ident())
        time.sleep(0.02)
        self.inside -= 1

    def search_batch(self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any) -> Any:
        self._work()
        return [{} for _ in queries]

    def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> Any:
        self._work()
        return [[] for _ in queries]


async def test_the_loop_runs_on_while_a_plain_engine_works() -> None:
    host = EngineHost(Slow())
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    counting = asyncio.create_task(count())
    await host.method("search")(["q"])
    counting.cancel()
    assert turns > 3
    host.close()


async def test_all_roles_of_an_engine_share_its_one_thread() -> None:
    engine = Slow()
    search, score = host_of(engine).method("search"), host_of(engine).method("score")
    assert host_of(engine) is host_of(host_of(engine))
    await asyncio.gather(*(search(["q"]) for _ in range(3)), *(score(["q"], []) for _ in range(3)))
    assert engine.most == 1
    assert len(engine.threads) == 1
    assert threading.get_ident() not in engine.threads


async def test_async_engines_run_on_the_loop_and_wrappers_are_awaited() -> None:
    class Mixed(Engine):
        async def search_batch(self, queries: Any, *args: Any, **kw: Any) -> Any:
            return threading.get_ident()

        def fuse_batch(self, queries: Any, batch_scores: Any, **kw: Any) -> Any:
            return self.search_batch(queries)

    host = EngineHost(Mixed())
    assert await host.method("search")(["q"]) == threading.get_ident()
    assert await host.method("fuse")(["q"], []) == threading.get_ident()


def test_what_an_engine_cannot_do_is_said_at_once() -> None:
    with pytest.raises(UnsupportedFeatureError, match="cannot fuse; it can: search, score"):
        EngineHost(Slow()).method("fuse")


def test_any_object_with_the_method_is_an_engine() -> None:
    class Plain:
        def search_batch(self, queries: Any, **kw: Any) -> Any:
            return []

    host = EngineHost(Plain())
    assert (host.name, host.can("search"), host.can("score")) == ("Plain", True, False)


async def test_an_iterator_that_ends_inside_an_engine_is_an_error_and_no_endless_wait() -> None:
    class Short(Engine):
        def search_batch(self, queries: Any, *args: Any, **kw: Any) -> Any:
            left = iter(())
            return [next(left) for _ in queries]

    search = host_of(Short("short")).method("search")
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(search(["q"]), 5)
