"""Which event loops stand still, because blocking code runs on them: waiting for them never ends."""

from __future__ import annotations

import asyncio
from contextvars import Context, ContextVar, copy_context

_standing_still: ContextVar[frozenset[asyncio.AbstractEventLoop]] = ContextVar(
    "standing_still", default=frozenset()
)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, if there is one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def blocking_context() -> Context:
    """The context for a thread that the caller is going to wait for, blocking.

    Whoever runs in it, in whatever thread, finds the caller's loop standing still.
    """
    context = copy_context()
    loop = running_loop()
    if loop is not None:
        context.run(_standing_still.set, _standing_still.get() | {loop})
    return context


def stands_still(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop cannot do anything until the caller is done."""
    return running_loop() is loop or loop in _standing_still.get()
