"""Clocks that stand still while a person acts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from racto.tools.mcp.auth import while_a_person_acts
from racto.tools.mcp.auth.patience import standing_still


def test_nobody_needs_to_count() -> None:
    with while_a_person_acts():
        pass


async def test_each_call_stops_its_own_clocks() -> None:
    noted: list[str] = []

    async def call(name: str) -> None:
        @contextmanager
        def stop() -> Iterator[None]:
            noted.append(f"{name} stops")
            yield
            noted.append(f"{name} goes on")

        standing_still.set(stop)
        await asyncio.sleep(0)
        with while_a_person_acts():
            noted.append(name)

    await asyncio.gather(call("a"), call("b"))
    assert noted == ["a stops", "a", "a goes on", "b stops", "b", "b goes on"]
