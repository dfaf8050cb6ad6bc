"""racto-core as an application pays for it."""

from __future__ import annotations

from collections.abc import Callable

from startup import cpu_ms

from racto.core import Flow, StreamBuilder, StreamDelta, run, step


def package() -> Callable[[], float]:
    """Importing pydantic, then racto.core."""
    return lambda: cpu_ms("import pydantic, racto.core")


def names() -> Callable[[], float]:
    """Loading every public name of racto.core."""
    return lambda: cpu_ms("import racto.core\n[getattr(racto.core, n) for n in dir(racto.core)]")


def flow() -> Callable[[], None]:
    """A flow of a thousand steps."""

    async def aadd(one: int, two: int) -> int:
        return one + two

    def add(one: int, two: int) -> int:
        return one + two

    def steps() -> Flow[int]:
        total = 0
        for number in range(1000):
            total = yield from step(add, aadd, total, number)
        return total

    def once() -> None:
        run(steps())

    return once


def stream() -> Callable[[], None]:
    """A reply of two thousand text deltas; the text is read at the end."""
    from racto.core import FinishReason

    deltas = [StreamDelta(text="word ") for _ in range(2000)]

    def once() -> None:
        builder = StreamBuilder(provider="local", model="m")
        for delta in deltas:
            builder.add(delta)
        builder.finish(FinishReason.STOP)
        assert len(builder.final().accumulated_text) == 10_000

    return once
