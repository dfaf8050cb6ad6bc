"""Lines to a loop: from threads, from other loops, and cut under those who wait."""

from __future__ import annotations

import asyncio
import threading

import pytest

from racto.core import portals
from racto.tools.mcp.server import ToolCancelledError
from racto.tools.mcp.server.lines import LoopLine


async def whose() -> int:
    return threading.get_ident()


async def test_a_thread_runs_a_coroutine_on_the_loop() -> None:
    line = LoopLine()
    assert await asyncio.to_thread(line.call, whose) == threading.get_ident()


async def test_another_loop_runs_it_there_too() -> None:
    line = LoopLine()
    found = await asyncio.to_thread(portals.wait, lambda: line.acall(whose))
    assert found == threading.get_ident()
    assert await line.acall(whose) == threading.get_ident()


async def test_the_loop_itself_cannot_wait_for_itself() -> None:
    with pytest.raises(RuntimeError, match="await"):
        LoopLine().call(whose)


async def test_what_was_posted_from_the_loop_is_done_in_order() -> None:
    line, seen = LoopLine(), []

    async def note(number: int) -> None:
        await asyncio.sleep(0)
        seen.append(number)

    for number in range(5):
        line.post(lambda n=number: note(n))
    await line.drained()
    assert seen == list(range(5))


async def test_closing_releases_whoever_waits() -> None:
    line, waits = LoopLine(), asyncio.Event()

    async def forever() -> None:
        waits.set()
        await asyncio.Event().wait()

    one = asyncio.create_task(asyncio.to_thread(line.call, forever))
    await waits.wait()
    waits.clear()
    two = asyncio.create_task(asyncio.to_thread(portals.wait, lambda: line.acall(forever)))
    await waits.wait()
    line.close()
    for waiting in (one, two):
        with pytest.raises(ToolCancelledError):
            await waiting
    with pytest.raises(ToolCancelledError):
        await asyncio.to_thread(line.call, forever)
    await asyncio.to_thread(line.post, forever)
    line.post(forever)
