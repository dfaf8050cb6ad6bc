"""Where engines run: async ones on the loop, plain ones in a thread of their own, one at a time.

An engine is one object whatever it is asked for: its search and its score share the thread, since
hardly any model may be entered twice at once.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from racto.core.engines import POWERS
from racto.core.errors import ConfigurationError, UnsupportedFeatureError

_hosts: weakref.WeakValueDictionary[int, EngineHost] = weakref.WeakValueDictionary()
_lock = threading.Lock()


class EngineHost:
    """Calls an engine's batch methods without ever blocking the event loop.

    Args:
        engine: Any object with one of ``search_batch``, ``score_batch``, ``fuse_batch``,
            ``decompose_query_batch``, plain or ``async``.
        threads: How many calls of plain methods may run at once.

    Raises:
        ConfigurationError: If there is not at least one thread.
    """

    def __init__(self, engine: Any, *, threads: int = 1) -> None:
        if threads < 1:
            raise ConfigurationError(f"threads must be at least 1: {threads!r}")
        self.engine = engine
        self.name = str(getattr(engine, "name", "") or type(engine).__name__)
        self.threads = threads
        self._pool: ThreadPoolExecutor | None = None

    def can(self, power: str) -> bool:
        """Whether the engine has a power: ``search``, ``score``, ``fuse``, ``decompose_query``."""
        declared = getattr(self.engine, f"can_{power}", None)
        if isinstance(declared, bool):
            return declared
        return callable(getattr(self.engine, f"{power}_batch", None))

    def method(self, power: str) -> Callable[..., Awaitable[Any]]:
        """The engine's batch method for a power, awaitable whatever it is.

        Raises:
            UnsupportedFeatureError: If the engine does not have it.
        """
        if not self.can(power):
            can = [name for name in POWERS if self.can(name)]
            raise UnsupportedFeatureError(
                f"engine {self.name!r} cannot {power.replace('_', ' ')}; "
                f"it can: {', '.join(can) or 'nothing'}",
                feature=power,
            )
        bound = getattr(self.engine, f"{power}_batch")
        if inspect.iscoroutinefunction(bound):
            return bound  # type: ignore[no-any-return]

        async def threaded(*args: Any, **options: Any) -> Any:
            loop = asyncio.get_running_loop()
            result = await loop.run_in_executor(self._threads(), _called, bound, args, options)
            # A plain method may hand back a coroutine, as wrappers do.
            return await result if inspect.isawaitable(result) else result

        return threaded

    def close(self) -> None:
        """Let the threads end; a call that runs is not interrupted."""
        with _lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _threads(self) -> ThreadPoolExecutor:
        with _lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)
            return self._pool


def _called(bound: Callable[..., Any], args: Any, options: Any) -> Any:
    try:
        return bound(*args, **options)
    except StopIteration as error:
        # No future can hold this one: whoever waits for it would wait for ever.
        raise RuntimeError("the engine's method raised StopIteration") from error


def host_of(engine: Any) -> EngineHost:
    """The one host of an engine; processors of all its roles share it.

    Args:
        engine: An engine, or a host, which is returned as it is.
    """
    if isinstance(engine, EngineHost):
        return engine
    with _lock:
        host = _hosts.get(id(engine))
        # An id is used again after an object's end; the host holds its engine, so it is that one.
        if host is None or host.engine is not engine:
            host = EngineHost(engine)
            _hosts[id(engine)] = host
        return host
