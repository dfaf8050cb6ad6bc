"""Procedures of several blocking steps, written once and run with or without an event loop.

A flow is a generator. Where it needs something that blocks, it writes
``answer = yield from step(f, af, *args)``, and the driver that runs it, :func:`run` or
:func:`arun`, calls ``f`` or awaits ``af``. Errors of the call, cancellation included, are raised
at that line of the flow, so ``try``/``finally`` work as in ordinary code.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeAlias, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


class Step(NamedTuple):
    """One blocking call in both its voices; made by :func:`step`, consumed by a driver."""

    sync: Callable[..., Any]
    async_: Callable[..., Awaitable[Any]]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


Flow: TypeAlias = Generator[Step, Any, T]
"""A procedure that asks for :class:`Step` after :class:`Step` and returns a ``T``."""


def step(
    sync: Callable[P, T], async_: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
) -> Flow[T]:
    """Ask the driver for one call; evaluates to what the call returned.

    Args:
        sync: What :func:`run` calls.
        async_: What :func:`arun` awaits; takes the same arguments.
        *args: Positional arguments of the call.
        **kwargs: Keyword arguments of the call.
    """
    answer: T = yield Step(sync, async_, args, kwargs)
    return answer


def run(flow: Flow[T]) -> T:
    """Run a flow to its end with plain calls and return its result."""
    try:
        wanted = next(flow)
        while True:
            try:
                answer = wanted.sync(*wanted.args, **wanted.kwargs)
            # Interrupts too: the flow's ``finally`` must run whatever ends it.
            except BaseException as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()


async def arun(flow: Flow[T]) -> T:
    """Run a flow to its end with awaited calls and return its result."""
    try:
        wanted = next(flow)
        while True:
            try:
                answer = await wanted.async_(*wanted.args, **wanted.kwargs)
            # Cancellation too: it is raised here, and belongs at the line that waits.
            except BaseException as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()


def gather(flows: Sequence[Flow[T]], *, width: int = 8) -> Flow[list[T]]:
    """Run several flows at once and return their results in order.

    The sync driver runs them one after the other unless ``width`` is above 1, when it uses that
    many threads; the async driver runs them as tasks, at most ``width`` at a time. The first
    error cancels what has not started and is raised.

    Args:
        flows: Flows that do not share state which is not thread-safe.
        width: How many may run at once.
    """
    return step(_gather_threads, _gather_tasks, flows, width)


def _gather_threads(flows: Sequence[Flow[T]], width: int) -> list[T]:
    if width <= 1 or len(flows) <= 1:
        return [run(flow) for flow in flows]
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
    from contextvars import copy_context

    with ThreadPoolExecutor(max_workers=min(width, len(flows))) as pool:
        # Each thread gets a copy of the caller's context, as tasks do: spans find their parent.
        futures = [pool.submit(copy_context().run, run, flow) for flow in flows]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            failed = next((f for f in futures if f in done and f.exception()), None)
            return [failed.result()] if failed else [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()


async def _gather_tasks(flows: Sequence[Flow[T]], width: int) -> list[T]:
    import asyncio

    seats = asyncio.Semaphore(max(1, width))
    failed = False

    async def seated(flow: Flow[T]) -> T:
        nonlocal failed
        async with seats:
            # A failure frees its seat before anybody can cancel those who wait for it.
            if failed:
                raise asyncio.CancelledError
            try:
                return await arun(flow)
            except BaseException:
                failed = True
                raise

    tasks = [asyncio.ensure_future(seated(flow)) for flow in flows]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def threaded(
    method: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make the async twin of a blocking method: the same call in a worker thread.

    For libraries that have no async client. Use it in the class body::

        def add(self, chunks: Sequence[Chunk]) -> None: ...
        aadd = threaded(add)
    """

    @functools.wraps(method)
    async def twin(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        import asyncio

        # Looked up by name, so that a subclass which overrides ``add`` changes ``aadd`` too.
        bound = getattr(self, method.__name__)
        return await asyncio.to_thread(bound, *args, **kwargs)

    twin.__name__ = f"a{method.__name__}"
    twin.__qualname__ = f"{method.__qualname__.rpartition('.')[0]}.{twin.__name__}"
    twin.__doc__ = f"Async twin of :meth:`{method.__name__}`, run in a worker thread."
    return cast("Callable[Concatenate[S, P], Coroutine[Any, Any, T]]", twin)
