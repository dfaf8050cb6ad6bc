"""The two voices of a law."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from racto.core.testing import Voice, awaited


class Speaker:
    """Notes which voice it was called in, and on which loop."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()

    def say(self, word: str, *, times: int = 1) -> str:
        self.calls.append("say")
        return word * times

    async def asay(self, word: str, *, times: int = 1) -> str:
        self.calls.append("asay")
        self.loops.add(asyncio.get_running_loop())
        return word * times

    def count(self, to: int) -> Iterator[int]:
        try:
            yield from range(to)
        finally:
            self.calls.append("count left")

    async def acount(self, to: int) -> AsyncIterator[int]:
        try:
            for number in range(to):
                await asyncio.sleep(0)
                yield number
        finally:
            self.calls.append("acount left")

    async def aclose(self) -> None:
        self.calls.append("aclose")
        self.loops.add(asyncio.get_running_loop())


def test_sync_voice_calls_plain_methods() -> None:
    speaker, voice = Speaker(), Voice("sync")
    assert voice(speaker, "say", "a", times=2) == "aa"
    assert list(voice.iterate(speaker, "count", 3)) == [0, 1, 2]
    voice.close()
    assert speaker.calls == ["say", "count left"]


def test_async_voice_awaits_twins_on_one_loop_and_closes_there() -> None:
    speaker, voice = Speaker(), Voice("async")
    assert voice(speaker, "say", "a", times=2) == "aa"
    assert list(voice.iterate(speaker, "count", 3)) == [0, 1, 2]
    voice(speaker, "say", "b")
    voice.close()
    voice.close()
    assert speaker.calls == ["asay", "acount left", "asay", "aclose"]
    assert len(speaker.loops) == 1
    assert next(iter(speaker.loops)).is_closed()


@pytest.mark.parametrize(("name", "left"), [("sync", "count left"), ("async", "acount left")])
def test_leaving_an_iterator_closes_the_services_own(name: str, left: str) -> None:
    speaker, voice = Speaker(), Voice(name)  # type: ignore[arg-type]
    numbers = voice.iterate(speaker, "count", 100)
    assert next(numbers) == 0
    numbers.close()  # type: ignore[attr-defined]
    assert speaker.calls == [left]
    voice.close()


@pytest.mark.parametrize("name", ["sync", "async"])
def test_together_keeps_the_order(name: str) -> None:
    speaker, voice = Speaker(), Voice(name)  # type: ignore[arg-type]
    words = [str(number) for number in range(20)]
    assert voice.together(speaker, "say", [(word,) for word in words]) == words
    voice.close()


@pytest.mark.parametrize("name", ["sync", "async"])
def test_errors_come_through(name: str) -> None:
    voice = Voice(name)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        voice(Speaker(), "say")
    with pytest.raises(TypeError):
        voice.together(Speaker(), "say", [()])
    voice.close()


async def _later() -> int:
    return 2


def test_awaited_takes_values_and_promises() -> None:
    assert awaited(1) == 1
    assert awaited(_later()) == 2
