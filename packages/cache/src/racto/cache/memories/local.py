"""A chat memory for one process, bounded in turns and in conversations."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from itertools import islice
from threading import Lock
from typing import NamedTuple

from racto.cache.config import ChatMemoryConfig
from racto.core.protocols.metrics import Metrics

from .memory import ShelvedMemory
from .records import PLAIN, head_of
from .shelves import Added
from .summaries import Summarizer
from .tokens import MessageCounter
from .windows import kept

_SWEPT = 2


class InMemoryChatMemory(ShelvedMemory):
    """Keeps conversations in this process; safe with threads and tasks.

    Nothing waits, but for a ``summarize`` hook. Of more than ``max_conversations`` the one goes that
    was added to longest ago. See :class:`ShelvedMemory` for what stays of a conversation.

    Args:
        config: Turns, time to live, tokens.
        max_conversations: Most conversations.
        summarize: Writes a summary of what is about to go.
        counter: Counts the tokens of a message; by default an estimate.
        metrics: Counts messages that were dropped, and summaries.
        clock: Tells the time in seconds; replace it to let time pass in a test.

    Raises:
        ValueError: If ``max_conversations`` is below 1.
    """

    def __init__(
        self,
        config: ChatMemoryConfig | None = None,
        *,
        max_conversations: int = 10_000,
        summarize: Summarizer | None = None,
        counter: MessageCounter | None = None,
        metrics: Metrics | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_conversations < 1:
            raise ValueError(f"max_conversations must be at least 1, not {max_conversations}")
        config = config or ChatMemoryConfig()
        super().__init__(
            _LocalShelf(max_conversations, config.ttl_seconds, clock),
            config=config,
            summarize=summarize,
            counter=counter,
            metrics=metrics,
        )


class _Conversation(NamedTuple):
    expires: float
    records: list[bytes]
    is_plain: bool


class _LocalShelf:
    """Records in a dictionary, the conversation that was added to longest ago first."""

    store = "memory"

    def __init__(self, most: int, life: float | None, clock: Callable[[], float]) -> None:
        self._most, self._life, self._clock = most, math.inf if life is None else life, clock
        self._held: OrderedDict[str, _Conversation] = OrderedDict()
        self._lock = Lock()

    def add(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        with self._lock:
            before, was_plain = self._records(conversation_id), self._is_plain(conversation_id)
            found = [*before, *records]
            # Without tools and summaries nothing but the number decides.
            is_plain = was_plain and all(head_of(record) == PLAIN for record in records)
            found = found[-most:] if is_plain else kept(found, most)
            self._put(conversation_id, found, is_plain=is_plain)
            return Added(len(found), len(before) + len(records) - len(found))

    async def aadd(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        return self.add(conversation_id, records, most)

    def read(self, conversation_id: str) -> list[bytes]:
        with self._lock:
            return list(self._records(conversation_id))

    async def aread(self, conversation_id: str) -> list[bytes]:
        return self.read(conversation_id)

    def fold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        with self._lock:
            records = self._records(conversation_id)
            if records[: len(seen)] != seen:
                return False
            rest = records[len(seen) :]
            self._put(conversation_id, kept([summary, *rest], len(rest)), is_plain=False)
            return True

    async def afold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        return self.fold(conversation_id, seen, summary)

    def count(self, conversation_id: str) -> int:
        with self._lock:
            return len(self._records(conversation_id))

    async def acount(self, conversation_id: str) -> int:
        return self.count(conversation_id)

    def clear(self, conversation_id: str) -> None:
        with self._lock:
            self._held.pop(conversation_id, None)

    async def aclear(self, conversation_id: str) -> None:
        self.clear(conversation_id)

    def _records(self, conversation_id: str) -> list[bytes]:
        found = self._held.get(conversation_id)
        if found is None:
            return []
        if found.expires <= self._clock():
            del self._held[conversation_id]
            return []
        return found.records

    def _is_plain(self, conversation_id: str) -> bool:
        found = self._held.get(conversation_id)
        return found is None or found.is_plain

    def _put(self, conversation_id: str, records: list[bytes], *, is_plain: bool) -> None:
        now = self._clock()
        # All live equally long, so those that are over stand at the front.
        for name in list(islice(self._held, _SWEPT)):
            if self._held[name].expires <= now:
                del self._held[name]
        self._held[conversation_id] = _Conversation(now + self._life, records, is_plain)
        self._held.move_to_end(conversation_id)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
