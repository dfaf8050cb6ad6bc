"""Work beside the event loop."""

from __future__ import annotations

import asyncio
import threading
import time

from racto.batch.threads import offloaded, pause
from racto.core.flows import arun, run


def test_the_loop_goes_on_while_work_blocks() -> None:
    async def both() -> list[str]:
        order: list[str] = []

        async def other() -> None:
            order.append("other")

        def work() -> str:
            time.sleep(0.05)
            return threading.current_thread().name

        name, _ = await asyncio.gather(arun(offloaded(work)), other())
        assert name != threading.current_thread().name
        return order

    assert asyncio.run(both()) == ["other"]


def test_without_a_loop_it_runs_in_place() -> None:
    assert run(offloaded(threading.current_thread)) is threading.current_thread()
    run(pause(0.0))
    asyncio.run(arun(pause(0.0)))
