"""Async functions run from synchronous code on one private loop, wherever that code runs."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading

import pytest

from racto.core import portals

NAME = contextvars.ContextVar("NAME", default="nobody")


async def loop_id() -> int:
    return id(asyncio.get_running_loop())


async def test_all_calls_share_one_loop_that_is_not_the_callers() -> None:
    first, second = portals.wait(loop_id), portals.wait(loop_id)
    assert first == second != id(asyncio.get_running_loop())


def test_context_variables_and_errors_pass() -> None:
    async def who() -> str:
        return NAME.get()

    async def fail() -> None:
        raise KeyError("x")

    NAME.set("Ann")
    assert portals.wait(who) == "Ann"
    with pytest.raises(KeyError):
        portals.wait(fail)


def test_a_nested_wait_does_not_deadlock() -> None:
    async def outer() -> int:
        return portals.wait(loop_id)

    assert portals.wait(outer) != portals.wait(loop_id)


def test_many_threads_at_once() -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(portals.wait(loop_id))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)
    assert len(found) == 8
    assert len(set(found)) == 1


def test_it_opens_again_after_it_was_closed() -> None:
    portals.wait(loop_id)
    portals._close()
    assert portals.wait(loop_id)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gets_a_loop_of_its_own() -> None:
    portals.wait(loop_id)
    child = os.fork()
    if child == 0:
        os._exit(0 if portals.wait(loop_id) else 1)
    assert os.waitpid(child, 0)[1] == 0
