"""Questions by the nearness of their vectors: bounded in entries, bytes and time, thread-safe."""

from __future__ import annotations

import heapq
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar, cast

from racto.core.errors import DimensionMismatchError

from .graphs import ScopeGraph
from .matrix import Candidates, VectorMatrix
from .vectors import SLACK, Floats

T = TypeVar("T")

# What an entry takes beside its texts, vector and reply, roughly.
_OVERHEAD = 400
_RESCANS = 3
_SPARSE = 256


class Found(NamedTuple, Generic[T]):
    """What a search found.

    Attributes:
        reply: What was remembered.
        query: The question that it answers.
        similarity: Cosine similarity of the two questions, -1 to 1.
    """

    reply: T
    query: str
    similarity: float


class _Entry(Generic[T]):
    """One remembered question; its row is -1 when it is there no longer."""

    __slots__ = ("expires", "query", "reply", "row", "scope", "size", "stamp")

    def __init__(self, scope: str, query: str, reply: T, expires: float, size: int) -> None:
        self.scope = scope
        self.query = query
        self.reply: T | None = reply
        self.expires = expires
        self.size = size
        self.row = -1
        self.stamp = 0


class _Scope(Generic[T]):
    """How many entries a scope has, its number in the matrix, and its graph if it is large."""

    __slots__ = ("count", "graph", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = 0
        self.graph: ScopeGraph[_Entry[T]] | None = None


class Shelf(Generic[T]):
    """Keeps entries by scope and question; the one used longest ago goes first.

    Vectors are compared outside of the lock. An entry that was changed meanwhile is noticed, and
    looked for again.

    Args:
        max_size: Most entries; 0 for no limit.
        max_bytes: Most bytes, vectors and questions included; None for no limit.
        clock: Tells the time in seconds.
        graph_from: Entries from which on a scope is searched along a graph; None for never.
    """

    def __init__(
        self,
        *,
        max_size: int,
        max_bytes: int | None = None,
        clock: Callable[[], float],
        graph_from: int | None = None,
    ) -> None:
        self._graph_from = graph_from
        self._max_size, self._max_bytes = max_size, max_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._matrix = VectorMatrix(max_size)
        self._serial = 0
        self._forget_all()

    def _forget_all(self) -> None:
        self._matrix.clear()
        self._entries: OrderedDict[tuple[str, str], _Entry[T]] = OrderedDict()
        self._owners: dict[int, _Entry[T]] = {}
        self._scopes: dict[str, _Scope[T]] = {}
        self._ends: list[tuple[float, int, _Entry[T]]] = []
        self._bytes = 0

    def same(self, scope: str, query: str) -> Found[T] | None:
        """The entry of this very question, which needs no vector; None when there is none."""
        key = (scope, query)
        # Most questions are not there, and to learn that takes no lock.
        if key not in self._entries:
            return None
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.expires <= self._clock():
                return None
            return self._used(entry, 1.0)

    def nearest(self, scope: str, row: Floats, threshold: float) -> Found[T] | None:
        """The entry with the most similar question.

        Args:
            scope: Where to look.
            row: The question's vector, shape (d,), length 1.
            threshold: Least similarity.

        Raises:
            DimensionMismatchError: If the entries' vectors have another length.
        """
        lowest = threshold - SLACK
        if self._graph_from is not None:
            with self._lock:
                along = self._along_graph(scope, row)
                if along is not None:
                    return None if along[1] < lowest else self._used(*along)
        for _ in range(_RESCANS):
            with self._lock:
                seen, stamp = self._candidates(scope, row), self._serial
            if seen is None:
                return None
            number, score = seen.best(row)
            if score < lowest:
                return None
            with self._lock:
                entry = self._owners.get(number)
                if entry is not None and entry.stamp <= stamp and entry.scope == scope:
                    return self._used(entry, score)
        # Writers were quicker three times; now they wait.
        with self._lock:
            seen = self._candidates(scope, row)
            number, score = (0, -math.inf) if seen is None else seen.best(row)
            return None if score < lowest else self._used(self._owners[number], score)

    def keep(
        self, scope: str, query: str, row: Floats, reply: T, *, size: int, expires: float
    ) -> int:
        """Remember a question, in the place of its older entry.

        Args:
            scope: In which it may be found.
            query: The question.
            row: Its vector, shape (d,), length 1.
            reply: What to remember of the answer.
            size: Bytes of the reply.
            expires: When to forget it, on the shelf's clock; infinite for never.

        Returns:
            How many entries had to go for it.

        Raises:
            DimensionMismatchError: If the other entries' vectors have another length.
        """
        total = size + row.nbytes + len(query) + _OVERHEAD
        entry = _Entry(scope, query, reply, expires, total)
        with self._lock:
            self._check(row)
            old = self._entries.get((scope, query))
            if old is not None:
                self._drop(old)
            # One that would push out all others, and itself.
            if self._max_bytes is not None and total > self._max_bytes:
                return 0
            # What has expired makes room before anything is evicted.
            self._sweep()
            gone = self._make_room(total)
            self._store(entry, row)
            return gone

    def drop(self, scope: str, query: str) -> bool:
        """Forget one entry; whether it was there."""
        with self._lock:
            entry = self._entries.get((scope, query))
            if entry is None:
                return False
            self._drop(entry)
            return entry.expires > self._clock()

    def drop_scope(self, scope: str) -> None:
        """Forget all entries of a scope."""
        with self._lock:
            known = self._scopes.get(scope)
            if known is not None:
                for number in self._matrix.rows_of(known.number).tolist():
                    self._drop(self._owners[number])

    def clear(self) -> None:
        """Forget all entries, and the dimension of their vectors."""
        with self._lock:
            self._serial += 1
            self._forget_all()

    def __len__(self) -> int:
        """Entries that have not expired."""
        with self._lock:
            self._sweep()
            return len(self._entries)

    @property
    def size_bytes(self) -> int:
        """Bytes that are counted for all entries."""
        return self._bytes

    @property
    def cells(self) -> int:
        """Numbers that one search reads at most: rows times dimension."""
        return len(self._matrix) * self._matrix.dimension

    def _candidates(self, scope: str, row: Floats) -> Candidates | None:
        # A search without expiry or gaps has nothing to tidy.
        if self._ends or self._matrix.wasted:
            self._sweep()
        if len(row) != self._matrix.dimension:
            self._check(row)
        known = self._scopes.get(scope)
        return None if known is None else self._matrix.candidates(known.number, known.count)

    def _check(self, row: Floats) -> None:
        dimension = self._matrix.dimension
        if dimension and len(row) != dimension:
            raise DimensionMismatchError(
                f"the embedder returned a vector of {len(row)} values, and the cache holds vectors "
                f"of {dimension}; clear the cache when its embedder changes",
                expected=dimension,
                actual=len(row),
            )

    def _along_graph(self, scope: str, row: Floats) -> tuple[_Entry[T], float] | None:
        """The nearest that the scope's graph finds, measured exactly; None to look at all rows."""
        self._sweep()
        self._check(row)
        known = self._scopes.get(scope)
        near = known.graph.near(row) if known is not None and known.graph is not None else None
        if not near:
            return None
        # The graph's own scores are those of copies; these are of the rows themselves.
        scores = self._matrix.vectors[[entry.row for entry in near]] @ row
        place = int(scores.argmax())
        return near[place], float(scores[place])

    def _row_of(self, entry: _Entry[T]) -> Floats | None:
        return None if entry.row < 0 else self._matrix.vectors[entry.row]

    def _index(self, scope: _Scope[T], entry: _Entry[T], row: Floats) -> None:
        if self._graph_from is None:
            return
        if scope.graph is not None:
            scope.graph.add(entry, row, scope.count)
        elif scope.count >= self._graph_from:
            numbers = self._matrix.rows_of(scope.number).tolist()
            entries = [self._owners[number] for number in numbers]
            scope.graph = ScopeGraph(dimension=len(row), items=entries, row_of=self._row_of)

    def _used(self, entry: _Entry[T], score: float) -> Found[T]:
        self._entries.move_to_end((entry.scope, entry.query))
        # Rows of length 1 multiply to a little more than 1 now and then.
        score = 1.0 if score > 1.0 else max(score, -1.0)
        return Found(cast("T", entry.reply), entry.query, score)

    def _store(self, entry: _Entry[T], row: Floats) -> None:
        self._serial += 1
        scope = self._scopes.get(entry.scope)
        if scope is None:
            # Numbers are never used twice, so that no search can mistake one scope for another.
            scope = self._scopes[entry.scope] = _Scope(self._serial)
        scope.count += 1
        entry.stamp = self._serial
        entry.row = self._matrix.put(row, scope.number)
        self._owners[entry.row] = entry
        self._entries[entry.scope, entry.query] = entry
        self._bytes += entry.size
        self._index(scope, entry, row)
        if entry.expires < math.inf:
            heapq.heappush(self._ends, (entry.expires, self._serial, entry))

    def _drop(self, entry: _Entry[T]) -> None:
        del self._entries[entry.scope, entry.query]
        del self._owners[entry.row]
        self._matrix.free(entry.row)
        self._bytes -= entry.size
        scope = self._scopes[entry.scope]
        scope.count -= 1
        if not scope.count:
            del self._scopes[entry.scope]
        # Its end waits in the heap for its time; what it held must not wait with it.
        entry.row, entry.reply, entry.query = -1, None, ""

    def _make_room(self, size: int) -> int:
        gone = 0
        while self._entries and (
            (self._max_size and len(self._entries) >= self._max_size)
            or (self._max_bytes is not None and self._bytes + size > self._max_bytes)
        ):
            self._drop(next(iter(self._entries.values())))
            gone += 1
        return gone

    def _sweep(self) -> None:
        """Forget what has expired, and tidy up behind it."""
        ends = self._ends
        if ends and ends[0][0] <= self._clock():
            now = self._clock()
            while ends and ends[0][0] <= now:
                entry = heapq.heappop(ends)[2]
                if entry.row >= 0:
                    self._drop(entry)
        if len(ends) > 2 * len(self._entries) + _SPARSE:
            # Entries that were replaced or evicted left their ends behind.
            self._ends = [end for end in ends if end[2].row >= 0]
            heapq.heapify(self._ends)
        if self._matrix.wasted > len(self._entries) + _SPARSE:
            self._compact()

    def _compact(self) -> None:
        moved = self._matrix.compacted()
        # A search under way knows old numbers; with a newer stamp none of them is believed.
        self._serial += 1
        self._owners = {moved[old]: entry for old, entry in self._owners.items()}
        for number, entry in self._owners.items():
            entry.row, entry.stamp = number, self._serial
