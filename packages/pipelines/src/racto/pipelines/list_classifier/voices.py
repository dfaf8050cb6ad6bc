"""Services in both voices: their own async method, or the blocking one in a thread."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from racto.core.errors import ConfigurationError
from racto.core.flows import Step


class Voice(NamedTuple):
    """One method of a service, for both drivers.

    Attributes:
        sync: Blocks.
        async_: Does not.
    """

    sync: Callable[..., Any]
    async_: Callable[..., Awaitable[Any]]

    def __call__(self, *args: Any, **kwargs: Any) -> Step:
        """The step to yield; the driver makes the call."""
        return Step(self.sync, self.async_, args, kwargs)


def voice(service: Any, method: str, *, role: str) -> Voice:
    """A method and its twin with an ``a`` before its name.

    A service without the twin, as the reference's duck-typed ones, runs in a worker thread, so
    that it never blocks an event loop.

    Args:
        service: Limiter, memory, cache, logger, kit or embedder.
        method: Name of the blocking method.
        role: The parameter it was given as, for errors.

    Raises:
        ConfigurationError: If the service has neither of the two.
    """
    # Looked up once and not a call; services do not change their methods.
    sync = getattr(service, method, None)
    async_ = getattr(service, f"a{method}", None)
    if sync is None and async_ is None:
        raise ConfigurationError(
            f"{role} has no method {method}: {type(service).__name__} does not keep the protocol"
        )
    if sync is None:
        sync = functools.partial(_refuse, role, method)
    elif async_ is None:
        async_ = functools.partial(asyncio.to_thread, sync)
    made: Any = (sync, async_)
    return Voice(*made)


def _refuse(role: str, method: str, *_: Any, **__: Any) -> Any:
    raise ConfigurationError(
        f"{role} has only the async method a{method}; use arun, or give it {method} as well"
    )
