"""Entries by key: the one used longest ago goes first, each has its time, all together a size."""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from racto.core.errors import ConfigurationError

T = TypeVar("T")

_NEVER = math.inf


class Entry(Generic[T]):
    """A value and its times; its attributes do not change.

    Args:
        value: What is kept.
        fresh_until: The clock's time at which it is out of date.
        dies: The clock's time at which it is gone.
        size: Bytes of it.
    """

    __slots__ = ("dies", "fresh_until", "size", "value")

    def __init__(self, value: T, *, fresh_until: float, dies: float, size: int) -> None:
        self.value = value
        self.fresh_until = fresh_until
        self.dies = dies
        self.size = size


class Entries(Generic[T]):
    """Values by key, at most so many and so large; safe to share between threads.

    Time never runs backwards here, whatever the clock does. Entries that are out of time make room
    before others must.

    Args:
        max_size: Most entries; 0 for no limit.
        max_bytes: Most bytes of all together; None for no limit.
        clock: Tells the time in seconds.

    Attributes:
        hits: How often :meth:`get` found what it was to count.

    Raises:
        ConfigurationError: If a limit is negative.
    """

    def __init__(
        self,
        *,
        max_size: int = 0,
        max_bytes: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_size < 0:
            raise ConfigurationError(f"max_size must be 0, for no limit, or more, not {max_size}")
        if max_bytes is not None and max_bytes <= 0:
            raise ConfigurationError(f"max_bytes must be above 0, or None, not {max_bytes}")
        self.max_bytes = max_bytes
        self._most = max_size or math.inf
        self._clock = clock
        # Also before the first entry the clock may be set back.
        self._now = clock()
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Entry[T]] = OrderedDict()
        self._bytes = 0
        self.hits = 0
        # What dies first is first; entries that were replaced or dropped stay until then.
        self._deaths: list[tuple[float, str]] = []

    def get(self, key: str, *, stale: bool = False, counts: bool = False) -> Entry[T] | None:
        """The entry of a key, which was used just now; None when it is unknown or too old.

        Args:
            key: Its key.
            stale: Whether it may be out of date.
            counts: Whether it is counted in ``hits`` when it is there.
        """
        # Under one lock with the counter: a second one costs as much as the search.
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.fresh_until != _NEVER:
                now = self._read()
                if entry.dies <= now:
                    self._drop(key)
                    return None
                if entry.fresh_until <= now and not stale:
                    return None
            self._entries.move_to_end(key)
            if counts:
                self.hits += 1
            return entry

    def put(
        self,
        key: str,
        value: T,
        *,
        ttl_seconds: float | None = None,
        stale_seconds: float = 0.0,
        size: int = 0,
    ) -> int:
        """Keep a value, and drop what must go for it.

        Args:
            key: Its key; an older value of it goes.
            value: The value.
            ttl_seconds: Seconds until it is out of date; None for never.
            stale_seconds: Seconds until it is gone, after that.
            size: Bytes of it. What is larger than all may be together is not kept.

        Returns:
            How many entries went that had time left.
        """
        with self._lock:
            if ttl_seconds is None and not self._deaths:
                entry = Entry(value, fresh_until=math.inf, dies=math.inf, size=size)
            else:
                now = self._read()
                self._bury(now)
                fresh_until = math.inf if ttl_seconds is None else now + ttl_seconds
                dies = fresh_until + stale_seconds
                entry = Entry(value, fresh_until=fresh_until, dies=dies, size=size)
                self._note_death(key, entry)
            self._drop(key)
            if self.max_bytes is not None and size > self.max_bytes:
                return 0
            self._entries[key] = entry
            self._bytes += size
            return self._shrink()

    def is_stale(self, entry: Entry[T]) -> bool:
        """Whether an entry is out of date."""
        if entry.fresh_until == math.inf:
            return False
        with self._lock:
            return entry.fresh_until <= self._read()

    def pop(self, key: str) -> bool:
        """Drop an entry; whether it was there and had time left."""
        with self._lock:
            entry = self._drop(key)
            return entry is not None and (entry.dies == math.inf or entry.dies > self._read())

    def clear(self) -> None:
        """Drop all entries."""
        with self._lock:
            self._entries.clear()
            self._deaths.clear()
            self._bytes = 0

    def __len__(self) -> int:
        """Entries that have time left."""
        with self._lock:
            if self._deaths:
                self._bury(self._read())
            return len(self._entries)

    @property
    def bytes(self) -> int:
        """Bytes of all entries, as they were told."""
        return self._bytes

    def _read(self) -> float:
        self._now = max(self._now, self._clock())
        return self._now

    def _drop(self, key: str) -> Entry[T] | None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size
        return entry

    def _shrink(self) -> int:
        gone = 0
        most_bytes = math.inf if self.max_bytes is None else self.max_bytes
        while len(self._entries) > self._most or self._bytes > most_bytes:
            _, oldest = self._entries.popitem(last=False)
            self._bytes -= oldest.size
            gone += 1
        return gone

    def _bury(self, now: float) -> None:
        while self._deaths and self._deaths[0][0] <= now:
            _, key = heapq.heappop(self._deaths)
            entry = self._entries.get(key)
            if entry is not None and entry.dies <= now:
                self._drop(key)

    def _note_death(self, key: str, entry: Entry[T]) -> None:
        if entry.dies == math.inf:
            return
        heapq.heappush(self._deaths, (entry.dies, key))
        # A key that is written again and again must not fill the list.
        if len(self._deaths) > 2 * len(self._entries) + 64:
            self._deaths = [
                (each.dies, name) for name, each in self._entries.items() if each.dies != math.inf
            ]
            self._deaths.append((entry.dies, key))
            heapq.heapify(self._deaths)
