"""Waiting until Pinecone's reads see a write: by log positions where it tells them, else by ids."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from racto.core.errors import StoreError
from racto.core.flows import Flow, step

from .space import Space

_FIRST_WAIT, _LONGEST_WAIT = 0.02, 1.0
_SAMPLE = 20


def wait_for_write(
    space: Space, keys: Sequence[str], lsn: int | None, seconds: float
) -> Flow[None]:
    """Wait until a search would see records that were written.

    Args:
        space: The namespace.
        keys: Ids of the records, the latest last.
        lsn: Position of the write in Pinecone's log; None when it did not tell.
        seconds: Longest wait.

    Raises:
        StoreError: If the time is over; what was written is stored all the same.
    """
    shape = yield from space.shape()
    probe = [1.0] * shape.dimension

    def is_seen() -> Flow[bool]:
        if lsn is not None:
            answer = yield from space.link.call(
                "query", vector=probe, top_k=1, namespace=space.namespace
            )
            reached = answer.response_info.lsn_reconciled if answer.response_info else None
            if reached is not None:
                return bool(reached >= lsn)
        wanted = set(keys[-_SAMPLE:])
        found = yield from space.fetch(sorted(wanted))
        return wanted <= found.keys()

    yield from _until(is_seen, seconds)


def wait_for_removal(space: Space, keys: Sequence[str], seconds: float) -> Flow[None]:
    """Wait until reads no longer see records that were deleted.

    Args:
        space: The namespace.
        keys: Ids of the records.
        seconds: Longest wait.

    Raises:
        StoreError: If the time is over; they are deleted all the same.
    """

    def is_gone() -> Flow[bool]:
        return not (yield from space.fetch(keys[-_SAMPLE:]))

    yield from _until(is_gone, seconds)


def wait_for_emptiness(space: Space, count: Callable[[], Flow[int]], seconds: float) -> Flow[None]:
    """Wait until the namespace counts nothing.

    Args:
        space: The namespace.
        count: Counts its records.
        seconds: Longest wait.

    Raises:
        StoreError: If the time is over; it is empty all the same.
    """

    def is_empty() -> Flow[bool]:
        return (yield from count()) == 0

    yield from _until(is_empty, seconds)


def asleep(seconds: float) -> Flow[None]:
    """Let time pass."""
    yield from step(time.sleep, _asleep, seconds)


def _until(is_met: Callable[[], Flow[bool]], seconds: float) -> Flow[None]:
    end = time.monotonic() + seconds
    wait = _FIRST_WAIT
    while not (yield from is_met()):
        if time.monotonic() + wait > end:
            raise StoreError(
                f"Pinecone took the write, and reads did not see it within {seconds:g} s; it is "
                f"stored: search again later, or raise wait_until_fresh",
                retryable=True,
                provider="pinecone",
            )
        yield from asleep(wait)
        wait = min(_LONGEST_WAIT, wait * 2)


async def _asleep(seconds: Any) -> None:
    import asyncio

    await asyncio.sleep(seconds)
