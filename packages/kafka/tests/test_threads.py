"""Async twins run on one thread, in order, and say the same as the methods."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from racto.core.errors import ConfigurationError
from racto.kafka.threads import on_own_thread

from .scripted import ScriptedConsumer, consumer_of


class Owner:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="own")
        self.seen: list[str] = []

    def note(self, text: str, *, twice: bool = False) -> str:
        """Note a text."""
        self.seen += [text] * (1 + twice)
        return threading.current_thread().name

    anote = on_own_thread(note)


class Louder(Owner):
    def note(self, text: str, *, twice: bool = False) -> str:
        return super().note(text.upper(), twice=twice)


async def test_calls_run_there_in_order() -> None:
    owner = Owner()
    names = await asyncio.gather(*(owner.anote(str(n), twice=n == 1) for n in range(3)))
    assert set(names) == {"own_0"}
    assert owner.seen == ["0", "1", "1", "2"]
    assert Owner.anote.__name__ == "anote"
    assert "note" in (Owner.anote.__doc__ or "")


async def test_whoever_overrides_the_method_overrides_its_twin() -> None:
    louder = Louder()
    await louder.anote("a")
    assert louder.seen == ["A"]


async def test_a_cancelled_call_goes_on_before_the_next() -> None:
    owner, gate = Owner(), threading.Event()
    blocked = asyncio.get_running_loop().run_in_executor(owner._thread, gate.wait, 20)
    task = asyncio.create_task(owner.anote("a"))
    await asyncio.sleep(0)
    last = asyncio.create_task(owner.anote("b"))
    gate.set()
    await asyncio.gather(blocked, task, last)
    assert owner.seen == ["a", "b"]


async def test_after_the_end_the_twin_says_what_the_method_says() -> None:
    consumer = consumer_of(ScriptedConsumer())
    await consumer.aclose()
    for call in (consumer.acommit, consumer.acommitted):
        with pytest.raises(ConfigurationError, match="used after close"):
            await call()
    with pytest.raises(ConfigurationError, match="used after close"):
        await consumer.aseek("t", 0, 0)
