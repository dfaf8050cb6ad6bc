"""The two voices of every service: plain methods, and their async twins on an event loop.

A law is written once, as a plain function that calls ``voice(store, "search", vector)``. The
sync voice calls ``store.search(vector)``; the async voice awaits ``store.asearch(vector)`` on a
loop of its own, one for the whole law, so that connections opened by one call serve the next.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeAlias

VoiceName: TypeAlias = Literal["sync", "async"]
"""The two ways of calling a service."""

VOICES: tuple[VoiceName, ...] = ("sync", "async")


class Voice:
    """Calls the methods of services in one of the two ways.

    Args:
        name: ``sync`` for plain methods, ``async`` for their twins.
    """

    def __init__(self, name: VoiceName) -> None:
        self.name: VoiceName = name
        self._subjects: list[Any] = []
        self._loop = asyncio.new_event_loop() if name == "async" else None

    def __repr__(self) -> str:
        return f"Voice({self.name!r})"

    def __call__(self, subject: Any, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call ``method`` of ``subject``, or its twin, and return what it returned."""
        if self._loop is None:
            return getattr(subject, method)(*args, **kwargs)
        twin = self._twin(subject, method)

        async def call() -> Any:
            return await twin(*args, **kwargs)

        return self._wait(call())

    def property(self, subject: Any, name: str, /) -> Any:
        """Read a property of ``subject``, or await its twin, which is a method."""
        return getattr(subject, name) if self._loop is None else self(subject, name)

    def iterate(self, subject: Any, method: str, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Go through the iterator that a method or its twin returns.

        Closing this iterator early closes the service's own, as a caller who hangs up does.
        """
        if self._loop is None:
            pieces = getattr(subject, method)(*args, **kwargs)
            try:
                yield from pieces
            finally:
                if close := getattr(pieces, "close", None):
                    close()
            return
        stream = self._twin(subject, method)(*args, **kwargs)
        # A sentinel of our own, because StopAsyncIteration cannot leave a coroutine.
        end = object()

        async def following() -> Any:
            return await anext(stream, end)

        try:
            while (piece := self._wait(following())) is not end:
                yield piece
        finally:
            if aclose := getattr(stream, "aclose", None):
                self._wait(aclose())

    def together(self, subject: Any, method: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Make many calls at once, from threads or as tasks.

        Args:
            subject: The service.
            method: Name of the plain method.
            calls: The arguments of each call.

        Returns:
            What each call returned, in the order of ``calls``; the first error is raised.
        """
        if self._loop is None:
            bound: Callable[..., Any] = getattr(subject, method)
            # Eight threads on any machine, so that a law is as hard on one core as on many.
            with ThreadPoolExecutor(max_workers=8) as pool:
                return list(pool.map(lambda args: bound(*args), calls))
        twin = self._twin(subject, method)

        async def gathered() -> list[Any]:
            return list(await asyncio.gather(*(twin(*args) for args in calls)))

        answers: list[Any] = self._wait(gathered())
        return answers

    def close(self) -> None:
        """Close the services that were called on the private loop, then the loop."""
        if self._loop is None or self._loop.is_closed():
            return
        try:
            # A client that lives on this loop cannot be closed after it.
            for subject in self._subjects:
                if aclose := getattr(subject, "aclose", None):
                    self._wait(aclose())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _twin(self, subject: Any, method: str) -> Callable[..., Any]:
        # By identity: services need not be hashable, and equal ones are still two.
        if not any(subject is known for known in self._subjects):
            self._subjects.append(subject)
        twin: Callable[..., Any] = getattr(subject, f"a{method}")
        return twin

    def _wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None
        return self._loop.run_until_complete(coroutine)


def awaited(value: Any) -> Any:
    """The value itself, or what it evaluates to when it can be awaited.

    For protocols whose methods may be plain or ``async``, such as those of engines.
    """
    if not inspect.isawaitable(value):
        return value

    async def wait() -> Any:
        return await value

    return asyncio.run(wait())
