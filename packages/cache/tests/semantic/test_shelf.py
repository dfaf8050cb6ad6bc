"""The shelf against a model that compares every question with every other."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from racto.cache.semantic.graphs import ScopeGraph
from racto.cache.semantic.shelf import Shelf
from racto.cache.semantic.vectors import unit_row
from racto.core.errors import DimensionMismatchError

# Whole numbers, so that most similarities differ by far more than float32 can blur.
ROWS = st.tuples(*[st.integers(-3, 3)] * 3).filter(any)
SCOPES = st.sampled_from(["a", "b", "c"])
QUERIES = st.sampled_from([f"q{number}" for number in range(12)])
MOST = 6
EDGE = 1e-5


def cosine(one: tuple[int, ...], two: tuple[int, ...]) -> float:
    return sum(a * b for a, b in zip(one, two, strict=True)) / (math.hypot(*one) * math.hypot(*two))


class ShelfMachine(RuleBasedStateMachine):
    """LRU, times to live, scopes, bytes and the threshold, by brute force."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.shelf: Shelf[str] = Shelf(
            max_size=MOST, max_bytes=3500, clock=lambda: self.now, graph_from=None
        )
        self.model: OrderedDict[tuple[str, str], tuple[tuple[int, ...], str, float, int]]
        self.model = OrderedDict()
        self.written = 0

    def sweep(self) -> None:
        for key in [key for key, entry in self.model.items() if entry[2] <= self.now]:
            del self.model[key]

    @rule(scope=SCOPES, query=QUERIES, row=ROWS, ttl=st.sampled_from([0.5, 2, 10, math.inf]),
          size=st.sampled_from([10, 300, 5000]))  # fmt: skip
    def keep(self, scope: str, query: str, row: tuple[int, ...], ttl: float, size: int) -> None:
        self.written += 1
        reply, end = f"reply {self.written}", self.now + ttl
        gone = self.shelf.keep(scope, query, unit_row(row), reply, size=size, expires=end)
        self.sweep()
        self.model.pop((scope, query), None)
        weight = size + 4 * 3 + len(query) + 400
        evicted = 0
        if weight <= 3500:
            while self.model and (
                len(self.model) >= MOST
                or sum(entry[3] for entry in self.model.values()) + weight > 3500
            ):
                self.model.popitem(last=False)
                evicted += 1
            self.model[scope, query] = (row, reply, end, weight)
        assert gone == evicted

    @rule(scope=SCOPES, row=ROWS, threshold=st.sampled_from([-1.0, 0.0, 0.5, 0.8, 0.95, 1.0]))
    def nearest(self, scope: str, row: tuple[int, ...], threshold: float) -> None:
        found = self.shelf.nearest(scope, unit_row(row), threshold)
        self.sweep()
        scored = {
            key: cosine(entry[0], row) for key, entry in self.model.items() if key[0] == scope
        }
        best = max(scored.values(), default=-2.0)
        if found is None:
            assert best < threshold + EDGE
            return
        assert best > threshold - EDGE
        key = (scope, found.query)
        assert scored[key] == pytest.approx(best, abs=EDGE)
        assert found.similarity == pytest.approx(scored[key], abs=EDGE)
        assert found.reply == self.model[key][1]
        self.model.move_to_end(key)

    @rule(scope=SCOPES, query=QUERIES)
    def same(self, scope: str, query: str) -> None:
        found = self.shelf.same(scope, query)
        self.sweep()
        entry = self.model.get((scope, query))
        assert (found and found.reply) == (entry and entry[1])
        if entry is not None:
            self.model.move_to_end((scope, query))

    @rule(scope=SCOPES, query=QUERIES)
    def drop(self, scope: str, query: str) -> None:
        self.sweep()
        assert self.shelf.drop(scope, query) == (self.model.pop((scope, query), None) is not None)

    @rule(scope=SCOPES)
    def drop_scope(self, scope: str) -> None:
        self.shelf.drop_scope(scope)
        for key in [key for key in self.model if key[0] == scope]:
            del self.model[key]

    @rule(seconds=st.sampled_from([0.1, 0.5, 3.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.written > 5)
    @rule()
    def clear(self) -> None:
        self.shelf.clear()
        self.model.clear()

    @invariant()
    def counts_agree(self) -> None:
        self.sweep()
        assert len(self.shelf) == len(self.model)
        assert self.shelf.size_bytes == sum(entry[3] for entry in self.model.values())


TestShelfMachine = ShelfMachine.TestCase
TestShelfMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def axis(number: int, dimension: int = 8) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    row = np.zeros(dimension, dtype=np.float32)
    row[number % dimension] = 1.0
    return row


def test_gaps_are_closed_and_nothing_is_lost() -> None:
    now = [0.0]
    shelf: Shelf[int] = Shelf(max_size=0, clock=lambda: now[0])
    rng = np.random.default_rng(1)
    rows = [unit_row(row) for row in rng.standard_normal((2000, 8))]
    for number, row in enumerate(rows):
        end = 1.0 if number % 10 else math.inf
        shelf.keep(f"scope {number % 3}", str(number), row, number, size=0, expires=end)
    now[0] = 2.0
    assert len(shelf) == 200
    assert shelf.cells == 200 * 8
    assert shelf._matrix.wasted == 0
    for number in range(0, 2000, 10):
        found = shelf.nearest(f"scope {number % 3}", rows[number], 0.999)
        assert found is not None
        assert found.reply == number


def test_replaced_entries_leave_no_ends_behind() -> None:
    shelf: Shelf[int] = Shelf(max_size=4, clock=lambda: 0.0)
    for number in range(3000):
        shelf.keep("s", "q", axis(0), number, size=0, expires=1e6 + number)
    assert len(shelf) == 1
    assert len(shelf._ends) < 600


def test_dropped_entries_hold_no_replies() -> None:
    shelf: Shelf[bytes] = Shelf(max_size=1, clock=lambda: 0.0)
    for number in range(100):
        shelf.keep("s", str(number), axis(number), b"x" * 10, size=10, expires=1e9)
    assert [end[2].reply for end in shelf._ends].count(b"x" * 10) == 1


def test_small_scopes_among_large_ones() -> None:
    """Rows of a scope are found whether they lie together, spread, or in the majority."""
    shelf: Shelf[str] = Shelf(max_size=0, clock=lambda: 0.0)
    for number in range(600):
        scope = "rare" if number % 50 == 0 else "often"
        shelf.keep(scope, str(number), unit_row([number + 1.0, 600.0 - number]), scope, size=0,
                   expires=math.inf)  # fmt: skip
    for number in (0, 50, 299, 550, 599):
        scope = "rare" if number % 50 == 0 else "often"
        found = shelf.nearest(scope, unit_row([number + 1.0, 600.0 - number]), 0.99)
        assert found is not None
        assert (found.reply, found.query) == (scope, str(number))


def test_other_dimension_is_refused() -> None:
    shelf: Shelf[int] = Shelf(max_size=0, clock=lambda: 0.0)
    shelf.keep("s", "q", axis(0, 3), 1, size=0, expires=math.inf)
    with pytest.raises(DimensionMismatchError, match="4 values"):
        shelf.nearest("s", axis(0, 4), 0.0)
    with pytest.raises(DimensionMismatchError):
        shelf.keep("s", "r", axis(0, 4), 1, size=0, expires=math.inf)


def test_writers_that_are_quicker_do_not_starve_a_search() -> None:
    """An entry that changes during each search is found all the same, at last under the lock."""
    shelf: Shelf[int] = Shelf(max_size=0, clock=lambda: 0.0)
    shelf.keep("s", "q", axis(0), 0, size=0, expires=math.inf)
    scans = [0]
    original = shelf._candidates

    def disturbed(scope: str, row: object) -> object:
        seen = original(scope, row)  # type: ignore[arg-type]
        scans[0] += 1
        # As if a writer came between the lock and the search.
        shelf._serial += 1
        for entry in shelf._entries.values():
            entry.stamp = shelf._serial + 1
        return seen

    shelf._candidates = disturbed  # type: ignore[method-assign, assignment]
    found = shelf.nearest("s", axis(0), 0.9)
    assert found is not None
    assert (found.reply, scans[0]) == (0, 4)


class TestGraph:
    """Large scopes along a graph: growing, shrinking, never wrong about a similarity."""

    @pytest.fixture
    def shelf(self) -> Shelf[int]:
        pytest.importorskip("faiss")
        return Shelf(max_size=600, clock=lambda: 0.0, graph_from=200)

    def test_finds_what_is_there(self, shelf: Shelf[int]) -> None:
        rows = [unit_row(row) for row in np.random.default_rng(2).standard_normal((3000, 16))]
        for number, row in enumerate(rows):
            shelf.keep("s", str(number), row, number, size=0, expires=math.inf)
        graph = shelf._scopes["s"].graph
        assert isinstance(graph, ScopeGraph)
        assert graph._complete is not None
        # Twice what is alive, and what came while a new graph grew.
        assert len(graph._complete.items) < 2000
        found = [shelf.nearest("s", rows[number], 0.999) for number in range(2400, 3000)]
        assert sum(hit is not None and hit.reply == 2400 + at for at, hit in enumerate(found)) > 590
        assert all(shelf.nearest("s", rows[number], 0.999) is None for number in range(50))

    def test_graph_of_the_dead_gives_way_to_all_rows(self, shelf: Shelf[int]) -> None:
        for number in range(400):
            row = unit_row([1.0, number * 1e-3, 0.0])
            shelf.keep("s", str(number), row, number, size=0, expires=math.inf)
        shelf.keep("s", "far", unit_row([0.0, 0.0, 1.0]), -1, size=0, expires=math.inf)
        for number in range(200, 400):
            shelf.drop("s", str(number))
        found = shelf.nearest("s", unit_row([1.0, 0.399, 0.0]), 0.9)
        assert found is not None
        assert found.reply == 199
