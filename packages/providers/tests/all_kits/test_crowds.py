"""Many kits, many threads and many loops at once."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    RetryPolicy,
)
from racto.testing import LoopbackServer

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., Any]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_kits_that_are_closed_leave_no_descriptor(server: LoopbackServer, make_kit: Make) -> None:
    def use() -> None:
        kit = make_kit()
        kit.chat(HI)
        kit.close()

    use()
    server.wait_until(lambda: server.open_connections == 0)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(10):
        use()
    server.wait_until(lambda: server.open_connections == 0)
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # noqa: PTH208


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_a_thousand_kits_open_nothing(make_kit: Make) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(1000):
        make_kit().close()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_one_kit_serves_threads_and_loops_at_once(server: LoopbackServer, make_kit: Make) -> None:
    kit, said, faults = make_kit(), [], []

    def plainly() -> None:
        with_faults(lambda: said.extend(kit.chat(HI).content for _ in range(4)))

    def looping() -> None:
        async def several() -> list[str]:
            return [one.content for one in await asyncio.gather(*(kit.achat(HI) for _ in range(4)))]

        with_faults(lambda: said.extend(asyncio.run(several())))

    def with_faults(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for work in (plainly, looping) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert said == ["ok"] * 32


async def test_sync_then_async_then_sync_on_one_kit(make_kit: Make) -> None:
    kit = make_kit()
    said = [await asyncio.to_thread(kit.chat, HI), await kit.achat(HI), kit.chat(HI)]
    assert [each.content for each in said] == ["ok"] * 3
    await kit.aclose()


async def test_a_plain_close_between_async_calls_leaves_nothing_open(
    server: LoopbackServer, make_kit: Make
) -> None:
    kit = make_kit()
    await kit.achat(HI)
    kit.close()
    await kit.achat(HI)
    await kit.aclose()
    assert await server.await_until(lambda: server.open_connections == 0)


async def test_many_calls_share_few_connections(server: LoopbackServer, make_kit: Make) -> None:
    kit = make_kit()
    await asyncio.gather(*(kit.achat(HI) for _ in range(150)))
    assert server.connections <= 64
    await kit.aclose()
