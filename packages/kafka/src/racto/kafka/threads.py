"""One thread for one consumer: its async methods run there, in order, and not on the event loop."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="HasThread")


class HasThread(Protocol):
    """Whatever owns the thread of its async methods."""

    @property
    def _thread(self) -> ThreadPoolExecutor: ...


def on_own_thread(
    method: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make the async twin of a blocking method: the same call on the owner's thread.

    A call whose task is cancelled goes on; the next one begins after it.
    """

    @functools.wraps(method)
    async def twin(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        # Looked up by name, so that a subclass which overrides the method changes its twin too.
        call: Callable[[], T] = functools.partial(getattr(self, method.__name__), *args, **kwargs)
        try:
            done = asyncio.get_running_loop().run_in_executor(self._thread, call)
        except RuntimeError:
            # The thread has ended with its owner, who says better what is wrong.
            return call()
        return await done

    twin.__name__ = f"a{method.__name__}"
    twin.__qualname__ = f"{method.__qualname__.rpartition('.')[0]}.{twin.__name__}"
    twin.__doc__ = f"Async twin of :meth:`{method.__name__}`, run on the consumer's thread."
    return cast("Callable[Concatenate[S, P], Coroutine[Any, Any, T]]", twin)
