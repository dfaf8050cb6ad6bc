"""Messages that wait for a worker, so that those of one key are handled one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .messages import KafkaMessage, Place

Ordering: TypeAlias = Literal["key", "partition", "none"]
"""What keeps its order when several workers handle messages at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Portion:
    """What one worker handles in one go.

    Attributes:
        messages: The messages, those of one key in the order of their offsets.
        lanes: The lanes that are closed to other workers meanwhile.
    """

    messages: list[KafkaMessage]
    lanes: tuple[Hashable, ...] = ()


class Lanes:
    """One queue a key; a lane whose messages are being handled is closed to other workers.

    Not safe to share between threads; its owner holds a lock.

    Args:
        ordering: What keeps its order: messages of one ``key``, of one ``partition``, or
            nothing. Messages without a key have no order among each other.
    """

    def __init__(self, ordering: Ordering = "key") -> None:
        self._ordering = ordering
        self._waiting: dict[Hashable, deque[KafkaMessage]] = {}
        self._ready: deque[Hashable] = deque()
        self._busy: set[Hashable] = set()
        self._count = 0

    def __len__(self) -> int:
        """Messages that wait."""
        return self._count

    @property
    def is_open(self) -> bool:
        """Whether :meth:`take` would return messages."""
        return bool(self._ready)

    def put(self, messages: Iterable[KafkaMessage]) -> None:
        """Queue messages behind those of the same lane."""
        for message in messages:
            lane = self._lane(message)
            queue = self._waiting.get(lane)
            if queue is None:
                self._waiting[lane] = deque((message,))
                if lane not in self._busy:
                    self._ready.append(lane)
            else:
                queue.append(message)
            self._count += 1

    def take(self, limit: int) -> Portion | None:
        """The messages that have waited longest, at most ``limit``; None when no lane is open."""
        messages: list[KafkaMessage] = []
        lanes: list[Hashable] = []
        while self._ready and len(messages) < limit:
            lane = self._ready.popleft()
            queue = self._waiting[lane]
            while queue and len(messages) < limit:
                messages.append(queue.popleft())
            if not queue:
                del self._waiting[lane]
            self._busy.add(lane)
            lanes.append(lane)
        self._count -= len(messages)
        return Portion(messages=messages, lanes=tuple(lanes)) if messages else None

    def release(self, portion: Portion) -> None:
        """Open the lanes of a portion that is handled."""
        for lane in portion.lanes:
            self._busy.discard(lane)
            if lane in self._waiting:
                self._ready.append(lane)

    def purge(self, places: Collection[Place] | None = None) -> int:
        """Drop the waiting messages of partitions that were taken away.

        Args:
            places: The partitions; all when None.

        Returns:
            How many messages were dropped.
        """
        before = self._count
        # Lanes that are busy stay so: their portions are still being handled.
        for lane, queue in list(self._waiting.items()):
            kept = deque(m for m in queue if places is not None and m.place not in places)
            self._count -= len(queue) - len(kept)
            if kept:
                self._waiting[lane] = kept
            else:
                del self._waiting[lane]
        self._ready = deque(lane for lane in self._ready if lane in self._waiting)
        return before - self._count

    def _lane(self, message: KafkaMessage) -> Hashable:
        if self._ordering == "partition":
            return message.place
        if self._ordering == "none" or message.key is None:
            return (message.topic, message.partition, message.offset)
        key = message.key
        # A deserialised key may be a list or an object, which no dictionary takes.
        return (message.topic, key if isinstance(key, (str, bytes, int)) else repr(key))
