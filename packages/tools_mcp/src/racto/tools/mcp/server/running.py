"""The life of a program that is a server: its loop, its threads, and the signals that end it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from racto.core.errors import ConfigurationError

T = TypeVar("T")


def run_until_interrupted(serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a server to its end, or until an interrupt or a request to terminate.

    Args:
        serve: Makes the coroutine that serves.

    Raises:
        ConfigurationError: If an event loop runs here already.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # No loop runs here, as it should be.
        with suppress(KeyboardInterrupt, asyncio.CancelledError):
            asyncio.run(_main(serve))
        return
    raise ConfigurationError("an event loop runs here already; await arun() instead of run()")


async def _main(serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    # Where asyncio.to_thread runs sync tools.
    loop.set_default_executor(_DaemonThreads())
    if task is not None and threading.current_thread() is threading.main_thread():
        # Windows has no handlers of this kind; there the program just ends.
        with suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
    await serve()


class _DaemonThreads(ThreadPoolExecutor):
    """A thread for each call, none of which can keep the program from ending.

    How many run is limited where calls are let in. A tool that never returns would hold up the
    end of a pool's program for ever, and its client's with it.
    """

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()

        def work() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                # All of it belongs to whoever waits, as in a pool.
                except BaseException as error:
                    future.set_exception(error)

        threading.Thread(target=work, name="racto-mcp-tool", daemon=True).start()
        return future
