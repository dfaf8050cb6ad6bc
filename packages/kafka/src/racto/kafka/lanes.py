"""Messages that wait for a worker, so that those of one key are handled one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

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

    Keys are compared as they came, in bytes. Not safe to share between threads; its owner holds a
    lock.

    Args:
        ordering: What keeps its order: messages of one ``key``, of one ``partition``, or
            nothing. Messages without a key have no order among each other.
    """

    def __init__(self, ordering: Ordering = "key") -> None:
        self._ordering = ordering
        self._waiting: dict[Hashable, deque[KafkaMessage]] = {}
        # What a worker may take: lanes, and messages that keep no order and need none.
        self._ready: deque[Hashable | KafkaMessage] = deque()
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
            self._count += 1
            lane = self._lane(message)
            if lane is None:
                self._ready.append(message)
                continue
            queue = self._waiting.get(lane)
            if queue is None:
                self._waiting[lane] = deque((message,))
                if lane not in self._busy:
                    self._ready.append(lane)
            else:
                queue.append(message)

    def take(self, limit: int) -> Portion | None:
        """The messages that have waited longest, at most ``limit``; None when no lane is open."""
        messages: list[KafkaMessage] = []
        lanes: list[Hashable] = []
        while self._ready and len(messages) < limit:
            lane = self._ready.popleft()
            if isinstance(lane, KafkaMessage):
                messages.append(lane)
                continue
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
            if kept:
                self._waiting[lane] = kept
            else:
                del self._waiting[lane]
        self._ready = deque(item for item in self._ready if self._is_kept(item, places))
        free = sum(isinstance(item, KafkaMessage) for item in self._ready)
        self._count = free + sum(map(len, self._waiting.values()))
        return before - self._count

    def _is_kept(self, item: Hashable | KafkaMessage, places: Collection[Place] | None) -> bool:
        if isinstance(item, KafkaMessage):
            return places is not None and item.place not in places
        return item in self._waiting

    def _lane(self, message: KafkaMessage) -> Hashable | None:
        if self._ordering == "partition":
            return message.place
        if self._ordering == "none":
            return None
        # Not as it was deserialised: an object need be neither hashable nor equal to its twin.
        key = message.raw_key
        return None if key is None else (message.topic, _hashable(key))


def _hashable(key: Any) -> Hashable:
    # librdkafka's keys are bytes; a message that somebody made may have any.
    return key if isinstance(key, (bytes, str)) else repr(key)
