"""Both voices of a flow: tests that take ``voice`` run once with plain calls and once with awaited ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import pytest

from racto.core.flows import Flow, arun, run

T = TypeVar("T")


class Voice(Protocol):
    """Runs a flow to its end."""

    def __call__(self, flow: Flow[T]) -> T:
        """What the flow returns."""
        ...


def _plain(flow: Flow[T]) -> T:
    return run(flow)


@pytest.fixture(params=["plain", "async"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """A driver; the async one keeps one event loop for a whole test, as a program does."""
    if request.param == "plain":
        yield _plain
        return
    with asyncio.Runner() as runner:

        def spoken(flow: Flow[Any]) -> Any:
            return runner.run(arun(flow))

        yield spoken
