"""What a stream calls for its messages: plain or async functions, in either voice."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Protocol, TypeAlias

from racto.core import portals
from racto.core.errors import ConfigurationError, RactoGatewayError

from .messages import KafkaMessage, KafkaPublishRequest

Outputs: TypeAlias = Sequence[Any] | None
"""None, plans of type :class:`~racto.kafka.KafkaPublishRequest`, or values for one topic."""

Handler: TypeAlias = Callable[[list[KafkaMessage]], Outputs | Awaitable[Outputs]]
"""Takes the messages of a portion, in order, and returns what to publish for them."""

_ONE_AT_A_TIME = "racto_one_at_a_time"


def each(
    handler: Callable[[KafkaMessage], Any | Awaitable[Any]],
) -> Handler:
    """Make a handler of a function that takes one message.

    The stream then calls it for one message at a time, so that no failure of a neighbour makes
    it see a message twice.

    Args:
        handler: Plain or async; returns None, one output, or a list of outputs.
    """
    if _is_async(handler):

        async def aone(messages: list[KafkaMessage]) -> Outputs:
            return [out for m in messages for out in _listed(await handler(m))]

        made: Handler = aone
    else:

        def one(messages: list[KafkaMessage]) -> Outputs | Awaitable[Outputs]:
            returned = [handler(m) for m in messages]
            if any(inspect.isawaitable(output) for output in returned):
                # A plain function may well return what an async one does, as a lambda would.
                return _awaited(returned)
            return [out for output in returned for out in _listed(output)]

        made = one
    functools.update_wrapper(made, handler, assigned=("__name__", "__doc__"))
    setattr(made, _ONE_AT_A_TIME, True)
    return made


class StreamHandler(Protocol):
    """A handler as a stream calls it, in both voices.

    Attributes:
        topic: Where outputs go that are values.
        one_at_a_time: Whether it takes one message a call.
    """

    topic: str | None
    one_at_a_time: bool

    def call(self, messages: list[KafkaMessage], attempt: int = 1) -> Sequence[Any]:
        """Handle messages, for the so-manieth time, and return what to publish."""
        ...

    async def acall(self, messages: list[KafkaMessage], attempt: int = 1) -> Sequence[Any]:
        """Async twin of :meth:`call`."""
        ...

    def close(self) -> None:
        """Let go what it holds; calls that run are not waited for."""
        ...


class BoundHandler:
    """A handler in both voices, with its outputs checked and addressed.

    Args:
        handler: The user's function. A plain one runs in a worker thread when it is awaited, an
            async one on racto's private loop when it is called.
        output_topic: Where outputs go that are values; without it only plans may be returned.
        threads: How many plain calls may be awaited at once.
    """

    def __init__(
        self, handler: Handler, output_topic: str | None = None, *, threads: int = 1
    ) -> None:
        self._handler = handler
        self.topic = output_topic
        self._async = _is_async(handler)
        # The loop's own threads are fewer than the workers may be, and others need them too.
        self._pool = ThreadPoolExecutor(threads, "racto-kafka-handler") if threads > 1 else None
        self.one_at_a_time = bool(getattr(handler, _ONE_AT_A_TIME, False))

    def call(self, messages: list[KafkaMessage], attempt: int = 1) -> Sequence[Any]:
        """Handle messages.

        Args:
            messages: The messages.
            attempt: Which call for them it is, from 1.

        Returns:
            What to publish: requests, and values for :attr:`topic`.

        Raises:
            ConfigurationError: If the handler returns what cannot be published.
        """
        returned: Any
        if self._async:
            returned = portals.wait(lambda: self._coroutine(messages))
        else:
            returned = self._handler(messages)
            if inspect.isawaitable(returned):
                late = returned
                returned = portals.wait(lambda: late)
        return self._checked(returned)

    async def acall(self, messages: list[KafkaMessage], attempt: int = 1) -> Sequence[Any]:
        """Async twin of :meth:`call`."""
        try:
            returned = await self._areturned(messages)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancels this task: something was cancelled that the handler waited for.
            raise RactoGatewayError(
                "what the stream's handler awaited was cancelled", retryable=True
            ) from error
        return self._checked(returned)

    def close(self) -> None:
        """Let the threads go; calls that run are not waited for."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def _areturned(self, messages: list[KafkaMessage]) -> Any:
        if self._async:
            return await self._coroutine(messages)
        # As asyncio.to_thread does: the caller's context variables are visible inside.
        call = functools.partial(copy_context().run, self._handler, messages)
        returned = await asyncio.get_running_loop().run_in_executor(self._pool, call)
        return await returned if inspect.isawaitable(returned) else returned

    def _coroutine(self, messages: list[KafkaMessage]) -> Awaitable[Outputs]:
        made = self._handler(messages)
        assert inspect.isawaitable(made)  # noqa: S101 - what an async function returns
        return made

    def _checked(self, returned: Any) -> Sequence[Any]:
        if returned is None:
            return ()
        if not isinstance(returned, (list, tuple)):
            raise ConfigurationError(
                f"the stream's handler returned {type(returned).__name__}; return None, a list "
                "of KafkaPublishRequest, or a list of values for output_topic"
            )
        if self.topic is None:
            for output in returned:
                if not is_request(output):
                    raise ConfigurationError(
                        f"the stream's handler returned a value of type {type(output).__name__}, "
                        "and there is no output_topic to publish it to"
                    )
        return returned


def is_request(output: Any) -> bool:
    """Whether an output says itself where it goes."""
    # Once an output; pydantic's isinstance() is ten times as dear.
    return KafkaPublishRequest in output.__class__.__mro__


def _is_async(handler: Any) -> bool:
    while isinstance(handler, functools.partial):
        handler = handler.func
    # inspect does not look at what makes an object callable.
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
        getattr(handler, "__call__", None)  # noqa: B004
    )


async def _awaited(returned: Sequence[Any]) -> Outputs:
    outputs: list[Any] = []
    for output in returned:
        outputs.extend(_listed(await output if inspect.isawaitable(output) else output))
    return outputs


def _listed(output: Any) -> Sequence[Any]:
    if output is None:
        return ()
    return output if isinstance(output, (list, tuple)) else (output,)
