"""One private event loop in a thread of its own, where synchronous code runs async functions.

All such calls of a process share the loop, so that a client which an async tool keeps between
calls stays on the loop that it was opened on.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


class _Portal:
    def __init__(self) -> None:
        import asyncio

        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        # A daemon, so that a forgotten async tool cannot keep the interpreter from ending.
        self.thread = threading.Thread(target=self._serve, name="racto-portal", daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        import asyncio

        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=2.0)


_lock = threading.Lock()
_portal: _Portal | None = None


def wait(make: Callable[[], Awaitable[T]]) -> T:
    """Run an async call to its end and return its result, also while a loop runs here.

    The caller's context variables are visible inside. An interrupt cancels the call.

    Args:
        make: Makes the awaitable; called inside the private loop.
    """
    import asyncio

    async def made() -> T:
        return await make()

    portal = _opened()
    if threading.current_thread() is portal.thread:
        # An async tool that calls a sync voice inside: its own loop is busy waiting for us.
        return _in_new_thread(made)
    future = asyncio.run_coroutine_threadsafe(made(), portal.loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _opened() -> _Portal:
    global _portal
    with _lock:
        if _portal is None:
            import atexit

            _portal = _Portal()
            # Closing the loop in order spares the user a ResourceWarning at exit.
            atexit.register(_close)
        return _portal


def _close() -> None:
    global _portal
    with _lock:
        portal, _portal = _portal, None
    if portal is not None:
        portal.close()


def _forget() -> None:
    # The thread does not exist in a forked child, and the lock may have been held by another.
    global _portal, _lock
    _portal, _lock = None, threading.Lock()


def _in_new_thread(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    import asyncio
    import contextvars
    from concurrent.futures import ThreadPoolExecutor

    context = contextvars.copy_context()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: context.run(asyncio.run, make())).result()


def _register_fork() -> None:
    import os

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)


_register_fork()
