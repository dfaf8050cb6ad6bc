"""Flows run the same in both voices: results, errors at their line, cleanup, cancellation."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import Flow, arun, gather, run, step, threaded


def double(number: int, *, plus: int = 0) -> int:
    if number < 0:
        raise ValueError(f"negative: {number}")
    return number * 2 + plus


async def adouble(number: int, *, plus: int = 0) -> int:
    await asyncio.sleep(0)
    return double(number, plus=plus)


def doubled(number: int) -> Flow[int]:
    return (yield from step(double, adouble, number))


def in_async(flow: Flow[Any]) -> Any:
    return asyncio.run(arun(flow))


VOICES = pytest.mark.parametrize("drive", [run, in_async], ids=["sync", "async"])
Drive = Callable[[Flow[Any]], Any]


@VOICES
def test_steps_return_what_the_call_returned(drive: Drive) -> None:
    def flow() -> Flow[str]:
        first = yield from step(double, adouble, 1)
        second = yield from step(double, adouble, first, plus=1)
        nested = yield from doubled(second)
        return f"{first} {second} {nested}"

    assert drive(flow()) == "2 5 10"


@VOICES
def test_a_flow_without_steps_just_returns(drive: Drive) -> None:
    def flow() -> Flow[int]:
        return 7
        yield

    assert drive(flow()) == 7


@VOICES
def test_an_error_is_raised_at_the_yielding_line(drive: Drive) -> None:
    lines: list[str] = []

    def flow() -> Flow[int]:
        lines.append("before")
        try:
            yield from step(double, adouble, -1)
            lines.append("never")
        except ValueError as error:
            lines.append(str(error))
        finally:
            lines.append("finally")
        return (yield from step(double, adouble, 4))

    assert drive(flow()) == 8
    assert lines == ["before", "negative: -1", "finally"]


@VOICES
def test_an_error_that_nobody_catches_comes_out_as_it_is(drive: Drive) -> None:
    cleaned: list[int] = []

    def flow() -> Flow[None]:
        try:
            yield from step(double, adouble, -1)
        finally:
            cleaned.append((yield from step(double, adouble, 5)))

    with pytest.raises(ValueError, match="negative: -1"):
        drive(flow())
    assert cleaned == [10]


@VOICES
def test_another_error_keeps_its_cause(drive: Drive) -> None:
    def flow() -> Flow[None]:
        try:
            yield from step(double, adouble, -1)
        except ValueError as error:
            raise LookupError("translated") from error

    with pytest.raises(LookupError, match="translated") as caught:
        drive(flow())
    assert isinstance(caught.value.__cause__, ValueError)


@VOICES
def test_a_call_that_raises_stop_iteration_does_not_end_the_flow(drive: Drive) -> None:
    def stop() -> None:
        raise StopIteration("result")

    async def astop() -> None:
        # A coroutine cannot raise StopIteration; this is what becomes of it.
        raise RuntimeError("coroutine raised StopIteration")

    def flow() -> Flow[str]:
        yield from step(stop, astop)
        return "end"

    with pytest.raises(RuntimeError, match="StopIteration"):
        drive(flow())


def test_cancellation_goes_through_the_flow() -> None:
    seen: list[str] = []

    async def wait_long() -> None:
        await asyncio.sleep(60)

    def flow() -> Flow[None]:
        try:
            yield from step(lambda: None, wait_long)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            # Cleanup may itself be a step.
            seen.append(str((yield from step(double, adouble, 1))))

    async def main() -> None:
        task = asyncio.create_task(arun(flow()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert seen == ["cancelled", "2"]


def test_an_interrupt_goes_through_the_flow() -> None:
    seen: list[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    async def ainterrupt() -> None:
        interrupt()

    def flow() -> Flow[None]:
        try:
            yield from step(interrupt, ainterrupt)
        finally:
            seen.append("cleaned")

    with pytest.raises(KeyboardInterrupt):
        run(flow())
    assert seen == ["cleaned"]


@VOICES
@pytest.mark.parametrize("width", [0, 1, 2, 8])
def test_gather_keeps_the_order(drive: Drive, width: int) -> None:
    flows = [doubled(number) for number in range(5)]
    assert drive(gather(flows, width=width)) == [0, 2, 4, 6, 8]
    assert drive(gather([])) == []


@VOICES
def test_no_more_than_width_run_at_once(drive: Drive) -> None:
    lock = threading.Lock()
    running, most = 0, 0

    def enter() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)

    def leave() -> None:
        nonlocal running
        with lock:
            running -= 1

    async def aenter() -> None:
        enter()
        await asyncio.sleep(0)

    async def aleave() -> None:
        leave()

    def flow() -> Flow[None]:
        yield from step(enter, aenter)
        yield from step(leave, aleave)

    drive(gather([flow() for _ in range(20)], width=3))
    assert (running, most <= 3) == (0, True)


def test_the_first_error_is_raised_and_threads_that_wait_are_not_started() -> None:
    hold = threading.Event()
    started: list[int] = []

    def act(number: int) -> int:
        started.append(number)
        if number == 1:
            raise ValueError("first")
        # The slow first flow would hide the error from one who waits for it in order.
        hold.wait(0.2 if number == 0 else 10)
        return number

    async def aact(number: int) -> int:
        return act(number)

    def flow(number: int) -> Flow[int]:
        return (yield from step(act, aact, number))

    def release() -> None:
        hold.set()

    timer = threading.Timer(1.0, release)
    timer.start()
    try:
        with pytest.raises(ValueError, match="first"):
            run(gather([flow(number) for number in range(100)], width=2))
    finally:
        timer.cancel()
        hold.set()
    # Two seats: the slow one, the failing one, and at most one that took its seat meanwhile.
    assert len(started) <= 3


def test_the_first_error_cancels_the_other_tasks() -> None:
    ended: list[str] = []

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("first")

    async def wait_long() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    def flow(call: Callable[[], Any]) -> Flow[None]:
        yield from step(lambda: None, call)

    with pytest.raises(ValueError, match="first"):
        in_async(gather([flow(wait_long), flow(fail), flow(wait_long)], width=2))
    assert ended == ["cancelled"]


PLACE: contextvars.ContextVar[str] = contextvars.ContextVar("PLACE", default="nowhere")


@VOICES
def test_gathered_flows_see_the_context_of_their_caller(drive: Drive) -> None:
    async def aget() -> str:
        return PLACE.get()

    def flow() -> Flow[str]:
        return (yield from step(PLACE.get, aget))

    token = PLACE.set("here")
    try:
        assert drive(gather([flow(), flow()])) == ["here", "here"]
    finally:
        PLACE.reset(token)


class Shelf:
    """A store with no async client."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def add(self, item: str, *, times: int = 1) -> str:
        """Add an item."""
        self.threads.append(threading.get_ident())
        return item * times

    aadd = threaded(add)


class LoudShelf(Shelf):
    """Overrides the blocking method only."""

    def add(self, item: str, *, times: int = 1) -> str:
        """Add an item, loudly."""
        return super().add(item, times=times).upper()


async def test_a_threaded_twin_runs_elsewhere_and_follows_overrides() -> None:
    shelf = Shelf()
    assert await shelf.aadd("a", times=2) == "aa"
    assert shelf.threads != [threading.get_ident()]
    assert await LoudShelf().aadd("a", times=2) == "AA"


def test_a_threaded_twin_has_its_methods_signature_and_its_own_name() -> None:
    assert inspect.signature(Shelf.aadd) == inspect.signature(Shelf.add)
    assert inspect.iscoroutinefunction(Shelf.aadd)
    assert Shelf.aadd.__name__ == "aadd"
    assert Shelf.aadd.__qualname__ == "Shelf.aadd"
    assert "add" in (Shelf.aadd.__doc__ or "")
    assert list(inspect.signature(Shelf().aadd).parameters) == ["item", "times"]


async def test_a_threaded_twin_raises_what_its_method_raises() -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        await Shelf().aadd("a", count=2)  # type: ignore[call-arg]
