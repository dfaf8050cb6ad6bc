"""Both voices of what a user handed in, whether or not it has an async form of its own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from racto.core.flows import Flow, step


def ask(service: object, method: str, /, *args: Any, **kwargs: Any) -> Flow[Any]:
    """Ask the driver for a call of a service's method; evaluates to what it returned.

    Under an event loop the method's async twin is awaited, named with an ``a`` before its name. A
    service without one, as the reference's memories and limiters are, is called in a thread, so
    that it never holds up the loop (the reference calls it on the loop).

    Args:
        service: What has the method.
        method: The method's name.
        *args: Positional arguments of the call.
        **kwargs: Keyword arguments of the call.
    """
    call: Callable[..., Any] = getattr(service, method)
    twin: Callable[..., Any] | None = getattr(service, f"a{method}", None)
    # A method of that name which is no coroutine means something else.
    if twin is None or not inspect.iscoroutinefunction(twin):
        twin = _in_thread(call)
    return step(call, twin, *args, **kwargs)


def offload(call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Flow[Any]:
    """Ask the driver for a call that has no async form: under an event loop it gets a thread.

    Args:
        call: Something that blocks or computes for long.
        *args: Its positional arguments.
        **kwargs: Its keyword arguments.
    """
    return step(call, _in_thread(call), *args, **kwargs)


def _in_thread(call: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def called(*args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(call, *args, **kwargs)

    return called
