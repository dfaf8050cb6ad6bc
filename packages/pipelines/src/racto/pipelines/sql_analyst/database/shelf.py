"""Schemas that were reflected before, kept apart by database, policy and options."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from .schema.models import DatabaseSchema

_MOST = 64


class SchemaShelf:
    """A bounded cache of schemas that grow stale; safe for threads.

    Args:
        ttl_s: Seconds an entry lives; 0 keeps none.
        clock: Seconds since some moment.
    """

    def __init__(self, *, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.ttl_s = ttl_s
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], tuple[float, DatabaseSchema]] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> DatabaseSchema | None:
        """What was kept under this very key, unless it is stale."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if self._clock() - found[0] >= self.ttl_s:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: tuple[str, ...], schema: DatabaseSchema) -> None:
        """Keep a schema; the least recently used goes when there are too many."""
        if self.ttl_s <= 0:
            return
        with self._lock:
            self._kept[key] = (self._clock(), schema)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
