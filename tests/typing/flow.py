"""Flows as a user types them: what a step returns, and what the drivers return, is inferred."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, assert_type

from racto.core import Flow, arun, gather, run, step, threaded


def fetch(url: str, *, tries: int = 1) -> bytes:
    """Blocking voice."""
    return url.encode() * tries


async def afetch(url: str, *, tries: int = 1) -> bytes:
    """Async voice."""
    return fetch(url, tries=tries)


async def acount(url: str) -> int:
    """Another signature, another result."""
    return len(url)


def size(url: str) -> Flow[int]:
    """Two steps."""
    content = yield from step(fetch, afetch, url, tries=2)
    assert_type(content, bytes)
    sizes = yield from gather([size(url), size(url)])
    assert_type(sizes, list[int])
    return len(content) + sum(sizes)


def wrong(url: str) -> Flow[int]:
    """Mistakes that a type checker must find."""
    yield from step(fetch, afetch, 1)  # type: ignore[arg-type]
    yield from step(fetch, afetch, url, times=2)  # type: ignore[call-arg]
    content = yield from step(fetch, afetch, url)
    return content  # type: ignore[return-value]


assert_type(run(size("u")), int)
drive = arun
answer: Coroutine[Any, Any, int] = drive(size("u"))
other: Coroutine[Any, Any, str] = drive(size("u"))  # type: ignore[arg-type]


class Shelf:
    """A store with no async client."""

    def put(self, item: str, *, times: int = 1) -> int:
        """Put."""
        return times

    aput = threaded(put)


async def use(shelf: Shelf) -> None:
    """The twin takes and returns what the method does."""
    assert_type(await shelf.aput("a", times=2), int)
    await shelf.aput(1)  # type: ignore[arg-type]
    await shelf.aput("a", count=2)  # type: ignore[call-arg]
