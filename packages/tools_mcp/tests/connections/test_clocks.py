"""The clock of a call runs while the server works, and stands still while a person is asked."""

from __future__ import annotations

import asyncio

import pytest

from racto.tools.mcp.connections.clocks import CallClock, Clocks


async def test_the_time_is_up() -> None:
    with pytest.raises(TimeoutError):
        async with CallClock(0.05):
            await asyncio.sleep(5)


async def test_no_limit() -> None:
    async with CallClock(None):
        await asyncio.sleep(0.01)


async def test_it_stands_still_and_goes_on() -> None:
    clocks = Clocks()
    reached = []

    async def call() -> None:
        async with CallClock(0.1) as clock:
            with clocks.counting(clock):
                with clocks.standing_still(), clocks.standing_still():
                    await asyncio.sleep(0.3)
                reached.append(True)
                await asyncio.sleep(5)

    with pytest.raises(TimeoutError):
        await call()
    assert reached


async def test_a_call_that_begins_meanwhile_waits_too() -> None:
    clocks = Clocks()
    with clocks.standing_still():
        async with CallClock(0.05) as clock:
            with clocks.counting(clock):
                await asyncio.sleep(0.2)
