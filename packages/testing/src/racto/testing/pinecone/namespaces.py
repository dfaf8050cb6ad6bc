"""The vectors of one namespace: written at once, and seen by reads a little later."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVector:
    """One vector.

    Attributes:
        id: Its id.
        values: Its numbers.
        metadata: What was given with it; None for nothing.
        length: Its Euclidean length.
    """

    id: str
    values: Sequence[float]
    metadata: dict[str, Any] | None
    length: float = field(default=0.0)

    def told(self, *, values: bool, metadata: bool) -> dict[str, Any]:
        """The vector as JSON.

        Args:
            values: Whether its numbers are wanted.
            metadata: Whether its metadata is wanted.
        """
        found: dict[str, Any] = {"id": self.id}
        # The service sends an empty list where no numbers were wanted.
        found["values"] = list(self.values) if values else []
        if metadata and self.metadata is not None:
            found["metadata"] = self.metadata
        return found


class Namespace:
    """Vectors by id.

    Args:
        lag: Seconds after which reads see a write.
    """

    def __init__(self, lag: float) -> None:
        self._lag = lag
        self._seen: dict[str, StoredVector] = {}
        self._waiting: deque[tuple[float, int, Callable[[dict[str, StoredVector]], None]]] = deque()
        self._indexed = 0

    def put(self, vectors: Iterable[StoredVector], lsn: int) -> None:
        """Write vectors in place of those with the same ids."""
        fresh = {vector.id: vector for vector in vectors}
        self._write(lambda seen: seen.update(fresh), lsn)

    def remove(self, chosen: Callable[[StoredVector], bool], lsn: int) -> None:
        """Remove vectors.

        Args:
            chosen: Says of each whether it goes.
            lsn: Number of the write.
        """

        def change(seen: dict[str, StoredVector]) -> None:
            for each in [each for each in seen.values() if chosen(each)]:
                del seen[each.id]

        self._write(change, lsn)

    def visible(self) -> dict[str, StoredVector]:
        """The vectors that reads see now, by id."""
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, self._indexed, change = self._waiting.popleft()
            change(self._seen)
        return self._seen

    @property
    def indexed(self) -> int:
        """Number of the latest write that reads see."""
        self.visible()
        return self._indexed

    def _write(self, change: Callable[[dict[str, StoredVector]], None], lsn: int) -> None:
        self._waiting.append((time.monotonic() + self._lag, lsn, change))


def score(metric: str, query: Sequence[float], length: float, vector: StoredVector) -> float:
    """How near a vector is, in the numbers of its metric: of a distance less is nearer.

    Args:
        metric: ``cosine``, ``dotproduct`` or ``euclidean``.
        query: What is searched for.
        length: Euclidean length of the query.
        vector: The vector.
    """
    if metric == "euclidean":
        # The service tells the square.
        return math.fsum((a - b) ** 2 for a, b in zip(query, vector.values, strict=True))
    product: float = sum(map(mul, query, vector.values))
    if metric == "dotproduct":
        return product
    lengths = length * vector.length
    return product / lengths if lengths else 0.0
