"""Records on their way: what a backlog promises, and the one that lives in memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from racto.core.errors import OverloadedError

OnFull: TypeAlias = Literal["raise", "drop_oldest_counted"]
"""What happens to an event for which there is no room: ``log`` raises, or the oldest ones go."""


class Parcel(NamedTuple):
    """One record to deliver.

    Attributes:
        segment: The number of the file in which it lies; 0 in memory.
        end: Where it ends there, in bytes.
        key: Its key; empty for none.
        value: Its value.
    """

    segment: int
    end: int
    key: bytes
    value: bytes


class Backlog(Protocol):
    """Records in the order in which they came, until each is settled.

    Any thread appends; one thread does the rest.
    """

    @property
    def pending(self) -> int:
        """How many records are not settled yet."""
        ...

    @property
    def dropped(self) -> int:
        """How many records were given up for want of room."""
        ...

    @property
    def is_durable(self) -> bool:
        """Whether what is pending outlives the process."""
        ...

    def append(self, key: bytes, value: bytes) -> None:
        """Take one record; when this returns it is as safe as the backlog makes it.

        Raises:
            OverloadedError: If there is no room and nothing may be dropped.
            StoreError: If the disk does not take it.
        """
        ...

    def take(self, most: int) -> Sequence[Parcel]:
        """The next records that were not taken yet."""
        ...

    def settle(self, parcel: Parcel) -> None:
        """Forget the oldest record that was taken; a dropped one is forgotten already."""
        ...

    def set_aside(self, parcel: Parcel, reason: str) -> bool:
        """Keep a record that the broker refuses for good; whether that was possible."""
        ...

    def rewind(self) -> None:
        """Let all that is not settled be taken again."""
        ...

    def tidy(self) -> None:
        """Do what need not be done at once."""
        ...

    def close(self) -> None:
        """Give everything back; what is durable stays."""
        ...


class MemoryBacklog:
    """Keeps records in memory, up to a number and a size.

    Args:
        max_events: Most records.
        max_bytes: Most bytes of keys and values.
        on_full: What happens beyond.
    """

    is_durable = False

    def __init__(self, *, max_events: int, max_bytes: int, on_full: OnFull) -> None:
        self._max_events, self._max_bytes, self._on_full = max_events, max_bytes, on_full
        self._parcels: deque[Parcel] = deque()
        self._taken = 0
        self._bytes = 0
        self._dropped = 0
        self._lock = threading.Lock()

    @property
    def pending(self) -> int:
        """How many records are not settled yet."""
        return len(self._parcels)

    @property
    def dropped(self) -> int:
        """How many records were given up for want of room."""
        return self._dropped

    def append(self, key: bytes, value: bytes) -> None:
        """Take one record; see :class:`Backlog`."""
        size = len(key) + len(value)
        with self._lock:
            while len(self._parcels) >= self._max_events or self._bytes + size > self._max_bytes:
                self._make_room(size)
            self._parcels.append(Parcel(0, 0, key, value))
            self._bytes += size

    def take(self, most: int) -> Sequence[Parcel]:
        """The next records that were not taken yet."""
        with self._lock:
            # A deque is slow in its middle, and this is mostly its end.
            end = min(len(self._parcels), self._taken + most)
            found = [self._parcels[place] for place in range(self._taken, end)]
            self._taken = end
            return found

    def settle(self, parcel: Parcel) -> None:
        """Forget the oldest record that was taken; a dropped one is forgotten already."""
        with self._lock:
            if self._parcels and self._parcels[0] is parcel:
                self._pop()

    def set_aside(self, parcel: Parcel, reason: str) -> bool:
        """Memory has no place for what nobody wants."""
        del parcel, reason
        return False

    def rewind(self) -> None:
        """Let all that is not settled be taken again."""
        with self._lock:
            self._taken = 0

    def tidy(self) -> None:
        """Nothing is left for later."""

    def close(self) -> None:
        """Nothing is held."""

    def _make_room(self, size: int) -> None:
        if self._on_full == "raise" or not self._parcels:
            raise OverloadedError(
                f"the audit buffer is full: {len(self._parcels)} of {self._max_events} events, "
                f"{self._bytes} of {self._max_bytes} bytes, and {size} more; is the broker "
                "reachable? Give spill= a directory to keep more than memory can"
            )
        # It may be under way just now and arrive after all; it counts as dropped.
        self._pop()
        self._dropped += 1

    def _pop(self) -> None:
        gone = self._parcels.popleft()
        self._bytes -= len(gone.key) + len(gone.value)
        self._taken = max(0, self._taken - 1)
