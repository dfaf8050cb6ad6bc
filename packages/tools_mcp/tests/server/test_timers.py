"""The clock of a call: it tells once, and stands still in a pause."""

from __future__ import annotations

import asyncio

from racto.tools.mcp.server.timers import CallTimer


async def test_it_tells_when_the_time_is_over() -> None:
    rung = asyncio.Event()
    timer = CallTimer(0.01, on_expiry=rung.set)
    await rung.wait()
    assert timer.expired


async def test_it_stands_still_in_a_pause() -> None:
    rung = asyncio.Event()
    timer = CallTimer(0.02, on_expiry=rung.set)
    with timer.paused(), timer.paused():
        await asyncio.sleep(0.1)
        assert not timer.expired
    await rung.wait()
    assert timer.expired


async def test_stopped_it_never_tells() -> None:
    timer = CallTimer(0.01, on_expiry=lambda: None)
    timer.stop()
    await asyncio.sleep(0.05)
    assert not timer.expired
