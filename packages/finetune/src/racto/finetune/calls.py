"""Calls to a provider as steps of a flow: one client a procedure, retried, in both voices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias, TypeVar

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy, retrying

from .failures import Translator

T = TypeVar("T")
Use: TypeAlias = Callable[[Any, float], Any]
"""One call: takes the provider's client and the seconds that it may take."""

CALL_SECONDS = 60.0
"""Longest wait in seconds for the answer to a small call."""
UPLOAD_SECONDS = 600.0
"""Longest wait in seconds for the answer to an upload, and for each piece of it to go out."""
PATIENT = RetryPolicy(attempts=5)
"""How often a call is made again, unless another policy is given."""
LAST_LOOK_SECONDS = 1.0
"""What a call gets at least, also when its deadline is nearer."""


class Line(Protocol):
    """The way to one provider: makes clients, and makes calls with them."""

    @property
    def translator(self) -> Translator:
        """Makes racto's errors of the provider's."""
        ...

    def open(self) -> Any:
        """A client for synchronous calls."""
        ...

    async def aopen(self) -> Any:
        """Async twin of :meth:`open`; the client is for the running event loop."""
        ...

    def close(self, client: Any) -> None:
        """Close a client."""
        ...

    async def aclose(self, client: Any) -> None:
        """Async twin of :meth:`close`."""
        ...

    def call(self, client: Any, use: Use, seconds: float) -> Any:
        """Make one call, with the provider's errors as racto's."""
        ...

    async def acall(self, client: Any, use: Use, seconds: float) -> Any:
        """Async twin of :meth:`call`."""
        ...


class Calls:
    """The calls of one procedure, over one client.

    Args:
        line: The way to the provider.
        client: A client of it.
        retries: How often a call that fails is made again.
    """

    def __init__(self, line: Line, client: Any, *, retries: RetryPolicy) -> None:
        self._line = line
        self._client = client
        self.retries = retries

    def ask(
        self,
        use: Use,
        *,
        ause: Callable[[Any, float], Awaitable[Any]] | None = None,
        seconds: float = CALL_SECONDS,
    ) -> Flow[Any]:
        """Make a call that may be repeated, and repeat it while that helps.

        Args:
            use: The call; for an async client what it returns is awaited.
            ause: The call for an async client, where it is another.
            seconds: Longest wait for an answer.
        """
        return retrying(lambda: self._once(use, ause, seconds), self.retries)

    def once(
        self, use: Use, *, deadline: Deadline = NO_DEADLINE, seconds: float = CALL_SECONDS
    ) -> Flow[Any]:
        """Make a call once.

        Args:
            use: The call.
            deadline: When its answer must be here; the call gets a second in any case.
            seconds: Longest wait for an answer.
        """
        # A deadline that has passed must not turn the last look at a job into none.
        allowed = max(LAST_LOOK_SECONDS, min(seconds, deadline.remaining()))
        return self._once(use, None, allowed)

    def read(self, decode: Callable[[Any], T], answer: Any) -> T:
        """Make a record of an answer.

        Args:
            decode: Makes it; a ``ValueError`` means that the answer is not what it should be.
            answer: What a call returned.

        Raises:
            InvalidResponseError: If it cannot be read.
        """
        try:
            return decode(answer)
        except ValueError as error:
            raise self._line.translator.malformed(str(error)) from error

    def _once(
        self, use: Use, ause: Callable[[Any, float], Awaitable[Any]] | None, seconds: float
    ) -> Flow[Any]:
        # Two plain functions, because a step calls the one or awaits the other.
        def call(seconds: float) -> Any:
            return self._line.call(self._client, use, seconds)

        async def acall(seconds: float) -> Any:
            return await self._line.acall(self._client, ause or use, seconds)

        return step(call, acall, seconds)


def talking(line: Line, retries: RetryPolicy, talk: Callable[[Calls], Flow[T]]) -> Flow[T]:
    """Open a client, talk, and close it, however the talk ends.

    A job takes hours and its tuner makes a call now and then: a client that is kept in between
    would hold sockets for nothing, and could not be used from another event loop.

    Args:
        line: The way to the provider.
        retries: How often a call that fails is made again.
        talk: What to do with the calls.
    """
    # As steps of their own: to open and to close blocks, too.
    client = yield from step(line.open, line.aopen)
    try:
        return (yield from talk(Calls(line, client, retries=retries)))
    finally:
        yield from step(line.close, line.aclose, client)
