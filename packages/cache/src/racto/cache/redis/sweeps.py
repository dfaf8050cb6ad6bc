"""Finds all keys of a pattern in small steps, on every node of a cluster, and never by KEYS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

# Of one SCAN and one UNLINK: some tenths of a millisecond in which a server does nothing else.
_STEP = 500


def erase(client: Redis, pattern: bytes) -> int:
    """Remove all keys that match, and return how many there were.

    Keys that somebody writes meanwhile may stay.
    """
    removed, batch = 0, []
    for key in client.scan_iter(match=pattern, count=_STEP):
        batch.append(key)
        if len(batch) == _STEP:
            removed += int(client.unlink(*batch))
            batch = []
    return removed + (int(client.unlink(*batch)) if batch else 0)


async def aerase(client: AsyncRedis, pattern: bytes) -> int:
    """Async twin of :func:`erase`."""
    removed = 0
    batch: list[Any] = []
    async for key in client.scan_iter(match=pattern, count=_STEP):
        batch.append(key)
        if len(batch) == _STEP:
            removed += int(await client.unlink(*batch))
            batch = []
    return removed + (int(await client.unlink(*batch)) if batch else 0)


def count(client: Redis, pattern: bytes) -> int:
    """How many keys match; walks over all keys of the database.

    One may be counted twice while the server grows its table.
    """
    return sum(1 for _ in client.scan_iter(match=pattern, count=_STEP))


async def acount(client: AsyncRedis, pattern: bytes) -> int:
    """Async twin of :func:`count`."""
    found = 0
    async for _ in client.scan_iter(match=pattern, count=_STEP):
        found += 1
    return found
