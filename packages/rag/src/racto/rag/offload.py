"""Blocking calls inside flows: as they are without an event loop, in a worker thread under one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from racto.core.flows import Flow, step

P = ParamSpec("P")
T = TypeVar("T")


def offload(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
    """Ask the driver for a call that has no async form; evaluates to what it returned.

    Args:
        call: Something that blocks: a file, a database, long computation.
        *args: Its positional arguments.
        **kwargs: Its keyword arguments.
    """

    async def in_thread(*args: P.args, **kwargs: P.kwargs) -> T:
        import asyncio

        return await asyncio.to_thread(call, *args, **kwargs)

    return step(call, in_thread, *args, **kwargs)
