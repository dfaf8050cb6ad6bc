"""A blocking call runs in place without an event loop, and beside the loop under one."""

from __future__ import annotations

import threading

import pytest

from racto.core.flows import Flow, arun, run
from racto.rag.offload import offload


def where() -> Flow[int]:
    return (yield from offload(threading.get_ident))


async def test_only_an_event_loop_moves_the_call() -> None:
    assert run(where()) == threading.get_ident()
    assert await arun(where()) != threading.get_ident()


async def test_errors_come_through_in_both_voices() -> None:
    def flow() -> Flow[float]:
        return (yield from offload(int, "no number"))

    with pytest.raises(ValueError, match="no number"):
        run(flow())
    with pytest.raises(ValueError, match="no number"):
        await arun(flow())
