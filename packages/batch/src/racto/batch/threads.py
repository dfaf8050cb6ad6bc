"""Work on files and databases as a step of a flow: in place, or in a thread beside the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from racto.core.flows import Flow, step

P = ParamSpec("P")
T = TypeVar("T")


def offloaded(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
    """Ask for a call that blocks for a while; the async driver runs it in a worker thread."""

    async def beside(*args: P.args, **kwargs: P.kwargs) -> T:
        import asyncio

        # Files and SQLite block, and have no async clients worth their price.
        return await asyncio.to_thread(work, *args, **kwargs)

    return step(work, beside, *args, **kwargs)


def pause(seconds: float) -> Flow[None]:
    """Ask for nothing to happen for a while."""
    return step(time.sleep, _asleep, seconds)


async def _asleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)
