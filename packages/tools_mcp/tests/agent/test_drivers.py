from __future__ import annotations

import asyncio
from contextlib import aclosing, closing
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from racto.core import step
from racto.tools.mcp.agent.drivers import AgentFlow, aplayed, is_leaving, played
from racto.tools.mcp.agent.events import TurnStarted

NAME: ContextVar[str] = ContextVar("name", default="outside")


class Log:
    """Steps that say what was done, and in which context."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> str:
        if line == "fail":
            raise ValueError("no")
        self.lines.append(f"{line} {NAME.get()}")
        return line.upper()

    async def awrite(self, line: str) -> str:
        await asyncio.sleep(0)
        return self.write(line)


def flow(log: Log, words: list[str]) -> AgentFlow[None]:
    """Writes, tells of it, and closes by another step whatever happens."""
    try:
        for number, word in enumerate(words):
            answer = yield from step(log.write, log.awrite, word)
            assert answer == word.upper()
            yield TurnStarted(turn=number)
    except BaseException as error:
        log.lines.append("left" if is_leaving(error) else type(error).__name__)
        raise
    finally:
        yield from step(log.write, log.awrite, "close")


@pytest.fixture(params=["sync", "async"])
def take(request: pytest.FixtureRequest) -> Any:
    """``take(flow, n)``: the first n events, then the iterator is closed; all when None."""

    def plainly(made: AgentFlow[None], count: int | None = None, context: Any = None) -> list[Any]:
        found = []
        with closing(played(made, context)) as events:
            for event in events:
                found.append(event)
                if len(found) == count:
                    break
        return found

    async def atake(made: AgentFlow[None], count: int | None, context: Any) -> list[Any]:
        found = []
        async with aclosing(aplayed(made, context)) as events:
            async for event in events:
                found.append(event)
                if len(found) == count:
                    break
        return found

    if request.param == "sync":
        return plainly
    return lambda made, count=None, context=None: asyncio.run(atake(made, count, context))


def test_steps_are_run_and_events_handed_on(take: Any) -> None:
    log = Log()
    assert [event.turn for event in take(flow(log, ["a", "b"]))] == [0, 1]
    assert log.lines == ["a outside", "b outside", "close outside"]


def test_a_reader_who_leaves_lets_the_flow_close_what_it_opened(take: Any) -> None:
    log = Log()
    assert len(take(flow(log, ["a", "b"]), 1)) == 1
    assert log.lines == ["a outside", "left", "close outside"]


def test_an_error_of_a_step_is_raised_in_the_flow_and_leaves_it(take: Any) -> None:
    log = Log()
    with pytest.raises(ValueError, match="no"):
        take(flow(log, ["a", "fail"]))
    assert log.lines == ["a outside", "ValueError", "close outside"]


def test_steps_run_in_the_given_context(take: Any) -> None:
    context, log = copy_context(), Log()
    context.run(NAME.set, "inside")
    take(flow(log, ["a"]), None, context)
    assert log.lines == ["a inside", "close inside"]
    assert NAME.get() == "outside"


async def test_errors_and_cancellation_pass_through_a_context() -> None:
    context, log = copy_context(), Log()
    context.run(NAME.set, "inside")

    async def read() -> None:
        async for _ in aplayed(flow(log, ["fail"]), context):
            raise AssertionError("no event comes")

    with pytest.raises(ValueError, match="no"):
        await read()

    async def forever() -> str:
        try:
            await asyncio.sleep(30)
        finally:
            log.lines.append(f"cancelled {NAME.get()}")
        return ""

    def waiting() -> AgentFlow[None]:
        yield from step(str, forever)

    async def wait() -> None:
        async for _ in aplayed(waiting(), context):
            raise AssertionError("no event comes")

    task = asyncio.ensure_future(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log.lines[-1] == "cancelled inside"


async def test_a_flow_that_is_forgotten_is_closed() -> None:
    log = Log()
    events = aplayed(flow(log, ["a", "b"]))
    await anext(events)
    del events
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert log.lines == ["a outside", "left", "close outside"]
