"""Summaries in place of old messages: made by a hook, and nothing goes before one is there."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from racto.core import portals
from racto.core.flows import Flow, step
from racto.core.messages import Message
from racto.core.protocols.metrics import Metrics

from .records import all_unpacked, head_of, packed
from .shelves import Shelf
from .windows import surviving

Summarizer: TypeAlias = Callable[[Sequence[Message]], str | Awaitable[str]]
"""Writes a summary of messages, the earlier summary first among them; plain or async."""

METRIC_SUMMARIES = "racto.memory.summaries"
METRIC_ERRORS = "racto.memory.summary_errors"

_log = logging.getLogger("racto.cache")


class Summaries:
    """Makes summaries of what is about to go.

    Args:
        hook: Writes one.
        metrics: Counts those that were made, and failures.
    """

    def __init__(self, hook: Summarizer, metrics: Metrics | None) -> None:
        self._hook, self._metrics = hook, metrics

    def fold(self, conversation_id: str, shelf: Shelf, most: int) -> Flow[None]:
        """Put a summary in place of a conversation's older half, if it has more than ``most``.

        A failure, of the hook or of the shelf, is logged and counted, and changes nothing: the
        messages stay where they are. When another process was faster, its summary stands.
        """
        # Half at once, so that not every message from now on asks for a summary.
        half = max(1, most // 2)
        try:
            records = yield from step(shelf.read, shelf.aread, conversation_id)
            heads = [head_of(record) for record in records]
            if len(heads) - sum(head.is_summary for head in heads[:1]) <= most:
                return
            staying = set(surviving(heads, half))
            messages = all_unpacked(records, conversation_id=conversation_id, store=shelf.store)
            gone = [
                message
                for place, message in enumerate(messages)
                if place not in staying or heads[place].is_summary
            ]
            text = yield from step(self._made, self._amade, gone)
            summary = packed([Message.system(text)], is_summary=True)[0]
            seen = records[: len(records) - half]
            done = yield from step(shelf.fold, shelf.afold, conversation_id, seen, summary)
        except Exception as error:
            self._count(METRIC_ERRORS, shelf)
            _log.warning("no summary was made, the messages stay: %s", type(error).__name__)
            return
        if done:
            self._count(METRIC_SUMMARIES, shelf)

    def _made(self, messages: list[Message]) -> str:
        found = self._hook(messages)
        if inspect.isawaitable(found):
            return _checked(portals.wait(lambda: found))
        return _checked(found)

    async def _amade(self, messages: list[Message]) -> str:
        if inspect.iscoroutinefunction(self._hook):
            return _checked(await self._hook(messages))
        # A plain hook may call a model and wait for it.
        found = await asyncio.to_thread(self._hook, messages)
        return _checked(await found if inspect.isawaitable(found) else found)

    def _count(self, name: str, shelf: Shelf) -> None:
        if self._metrics is not None:
            self._metrics.count(name, 1, {"memory": shelf.store})


def _checked(text: Any) -> str:
    if not isinstance(text, str) or not text:
        raise ValueError("the hook returned no text")
    return text
