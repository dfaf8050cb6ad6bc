"""Runs a flow that also tells of events, with or without an event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextvars import Context
from typing import Any, TypeAlias, TypeVar

from racto.core.flows import Step

from .events import AgentEvent

T = TypeVar("T")

AgentFlow: TypeAlias = Generator[Step | AgentEvent, Any, T]
"""A flow of :mod:`racto.core.flows` that yields events between its steps.

It tells of no event while an error or a cancellation passes through it; steps it may still ask
for, so that it can close what it opened.
"""


class _ReaderLeft(BaseException):
    """Raised inside a flow whose reader left; never leaves this room.

    In place of GeneratorExit, which ``yield from`` does not pass on: it closes the inner flows,
    and a flow that is being closed can ask for no steps, and so cannot hang up.
    """


def is_leaving(error: BaseException) -> bool:
    """Whether an error inside a flow only says that its reader has left."""
    return isinstance(error, _ReaderLeft)


def played(
    flow: AgentFlow[None], context: Context | None = None
) -> Generator[AgentEvent, None, None]:
    """Run a flow with plain calls and hand on its events; leaving early is raised inside it.

    Args:
        flow: The flow.
        context: Context variables that its steps see; the caller's when None.
    """
    try:
        wanted = next(flow)
        while True:
            try:
                if not isinstance(wanted, Step):
                    yield wanted
                    answer = None
                elif context is None:
                    answer = wanted.sync(*wanted.args, **wanted.kwargs)
                else:
                    answer = context.run(wanted.sync, *wanted.args, **wanted.kwargs)
            except GeneratorExit:
                wanted = flow.throw(_ReaderLeft())
            # Interrupts too: the flow's ``finally`` must run whatever ends it.
            except BaseException as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(answer)
    except (StopIteration, _ReaderLeft):
        return
    finally:
        flow.close()


async def aplayed(
    flow: AgentFlow[None], context: Context | None = None
) -> AsyncGenerator[AgentEvent, None]:
    """Async twin of :func:`played`."""
    try:
        wanted = next(flow)
        while True:
            try:
                if not isinstance(wanted, Step):
                    yield wanted
                    answer = None
                elif context is None:
                    answer = await wanted.async_(*wanted.args, **wanted.kwargs)
                else:
                    answer = await _Within(context, wanted)
            except GeneratorExit:
                wanted = flow.throw(_ReaderLeft())
            except BaseException as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(answer)
    except (StopIteration, _ReaderLeft):
        return
    finally:
        flow.close()


class _Within:
    """Awaits a step inside a context and in the task that runs here.

    A task of its own would also see the context, and would cost more than the step; setting the
    variables here would show them to the reader of the events.
    """

    def __init__(self, context: Context, step: Step) -> None:
        self._enter: Callable[..., Any] = context.run
        self._step = step

    def __await__(self) -> Generator[Any, Any, Any]:
        enter, step = self._enter, self._step
        made: Awaitable[Any] = enter(step.async_, *step.args, **step.kwargs)
        inner: Any = made.__await__()
        try:
            waited = enter(next, inner)
            while True:
                try:
                    got = yield waited
                except BaseException as error:
                    waited = enter(inner.throw, error)
                else:
                    waited = enter(inner.send, got)
        except StopIteration as end:
            return end.value
