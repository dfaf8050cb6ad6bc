"""Caches of responses: bounded, with a time to live, and what they hand out is the caller's own."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from racto.core.errors import ConfigurationError

from .copies import copied, weighed


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheStats:
    """What a cache did so far.

    Args:
        hits: Look-ups that found something.
        misses: Look-ups that did not.
        evicted: Entries that made room for others; those whose time had passed are not among them.
        failures: Look-ups and writes that the back end failed; each was a miss for its caller.
        entries: Entries held now; 0 where the back end does not say.
        bytes: Their estimated size; 0 unless there is a budget of bytes.
    """

    hits: int = 0
    misses: int = 0
    evicted: int = 0
    failures: int = 0
    entries: int = 0
    bytes: int = 0


class Cache(ABC):
    """Keeps values by key for a while.

    Args:
        capacity: Most entries; -1 for no such limit.
        ttl: Seconds for which an entry lives; -1 for ever.

    Raises:
        ConfigurationError: If one of them is 0 or another negative number.
    """

    # Whether a look-up costs a round trip; one that does is written behind the caller's back.
    remote = False

    def __init__(self, capacity: int = -1, ttl: float = -1) -> None:
        for name, value in (("capacity", capacity), ("ttl", ttl)):
            if not (value == -1 or value > 0):
                raise ConfigurationError(f"{name} must be above 0, or -1 for no limit: {value!r}")
        self.capacity = capacity
        self.ttl = ttl

    @abstractmethod
    async def get(self, key: Hashable) -> Any | None:
        """Return a copy of what was put under the key; None when there is nothing any more."""

    @abstractmethod
    async def put(self, key: Hashable, value: Any) -> None:
        """Keep a copy of a value under the key."""

    @abstractmethod
    async def remove(self, key: Hashable) -> None:
        """Forget the key; one that is unknown is ignored."""

    @abstractmethod
    async def clear(self) -> None:
        """Forget all keys of this cache."""

    async def close(self) -> None:
        """Release what the cache holds open."""
        await self.clear()

    @property
    @abstractmethod
    def stats(self) -> CacheStats:
        """What it did so far."""


class LRUCache(Cache):
    """A cache in this process; the entry that was used longest ago makes room.

    Values are data of JSON kinds; they are copied on the way in and on the way out, so that
    nobody can change what others will be given.

    Args:
        capacity: Most entries; -1 for no such limit.
        ttl: Seconds for which an entry lives; -1 for ever.
        max_bytes: Most bytes, by an estimate of the values' sizes; None for no such limit. A value
            larger than an eighth of it is not kept.
        clock: Tells seconds; for tests.
    """

    def __init__(
        self,
        capacity: int = -1,
        ttl: float = -1,
        *,
        max_bytes: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(capacity, ttl)
        if max_bytes is not None and max_bytes < 1:
            raise ConfigurationError(f"max_bytes must be at least 1, or None: {max_bytes!r}")
        self.max_bytes = max_bytes
        self._clock = clock
        # By key: when it ends, its size, the value.
        self._entries: OrderedDict[Hashable, tuple[float, int, Any]] = OrderedDict()
        self._bytes = self._hits = self._misses = self._evicted = 0

    async def get(self, key: Hashable) -> Any | None:
        """Return a copy of what was put under the key; None when there is nothing any more."""
        entry = self._entries.get(key)
        if entry is not None and self._clock() >= entry[0]:
            self._drop(key)
            entry = None
        if entry is None:
            self._misses += 1
            return None
        self._hits += 1
        # The order of the dictionary is the order of use; the first goes first.
        self._entries.move_to_end(key)
        return copied(entry[2])

    async def put(self, key: Hashable, value: Any) -> None:
        """Keep a copy of a value under the key."""
        # Weighing costs more than copying, and is of use only under a budget.
        size = weighed(value) if self.max_bytes is not None else 0
        self._drop(key)
        # One giant must not sweep out everything else.
        if self.max_bytes is not None and size * 8 > self.max_bytes:
            return
        until = self._clock() + self.ttl if self.ttl != -1 else float("inf")
        self._entries[key] = (until, size, copied(value))
        self._bytes += size
        while self._is_over():
            self._drop(next(iter(self._entries)))
            self._evicted += 1

    async def remove(self, key: Hashable) -> None:
        """Forget the key; one that is unknown is ignored."""
        self._drop(key)

    async def clear(self) -> None:
        """Forget all keys."""
        self._entries.clear()
        self._bytes = 0

    @property
    def stats(self) -> CacheStats:
        """What it did so far."""
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            evicted=self._evicted,
            entries=len(self._entries),
            bytes=self._bytes,
        )

    def _is_over(self) -> bool:
        too_many = self.capacity != -1 and len(self._entries) > self.capacity
        return too_many or (self.max_bytes is not None and self._bytes > self.max_bytes)

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1]
