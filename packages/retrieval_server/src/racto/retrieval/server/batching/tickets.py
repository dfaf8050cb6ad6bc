"""One queued request and all who wait for it: whoever leaves last takes it out of the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

from racto.retrieval.server.errors import own_error


class Ticket:
    """A request on its way through a batcher.

    Args:
        item: The request itself.
        group: What a batch must have in common with it.
        work: Its share of the batch's budget of work.
        key: What makes it the same as another request; None when nothing does.
        since: When it came, in the loop's time.
    """

    __slots__ = ("group", "item", "key", "since", "waiters", "work")

    def __init__(
        self, item: Any, group: Hashable, *, work: float, key: Hashable | None, since: float
    ) -> None:
        self.item = item
        self.group = group
        self.work = work
        self.key = key
        self.since = since
        self.waiters: list[asyncio.Future[Any]] = []

    def finish(self, result: Any) -> None:
        """Hand the result to all who still wait."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(result)

    def fail(self, error: BaseException, name: str) -> None:
        """Raise an error at all who still wait; each gets an instance of its own.

        Args:
            error: What the engine raised.
            name: The engine's name, for the message.
        """
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(own_error(error, name))
