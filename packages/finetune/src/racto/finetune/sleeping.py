"""A pause, in both voices: the async one leaves the event loop free."""

from __future__ import annotations

import time

sleep = time.sleep


async def asleep(seconds: float) -> None:
    """Async twin of :func:`time.sleep`.

    Args:
        seconds: How long.
    """
    import asyncio

    await asyncio.sleep(seconds)
