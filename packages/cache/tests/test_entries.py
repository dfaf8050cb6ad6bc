"""Entries do exactly what a plain model of them does, whatever happens in which order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from racto.cache.entries import Entries
from racto.core.errors import ConfigurationError

KEYS = st.sampled_from("abcdef")


class EntriesAndModel(RuleBasedStateMachine):
    """The model is a list of entries, that used longest ago first."""

    @initialize(size=st.integers(0, 4), budget=st.none() | st.integers(1, 10))
    def begin(self, size: int, budget: int | None) -> None:
        self.now = self.latest = 100.0
        self.size, self.budget = size, budget
        self.entries: Entries[int] = Entries(
            max_size=size, max_bytes=budget, clock=lambda: self.now
        )
        self.model: list[tuple[str, int, float, float, int]] = []

    def alive(self) -> list[tuple[str, int, float, float, int]]:
        self.latest = max(self.latest, self.now)
        return [each for each in self.model if each[3] > self.latest]

    @rule(
        key=KEYS,
        value=st.integers(),
        ttl=st.none() | st.sampled_from([0.5, 2.0, 7.0]),
        stale=st.sampled_from([0.0, 1.0]),
        size=st.integers(0, 6),
    )
    def put(self, key: str, value: int, ttl: float | None, stale: float, size: int) -> None:
        gone = self.entries.put(key, value, ttl_seconds=ttl, stale_seconds=stale, size=size)
        kept = [each for each in self.alive() if each[0] != key]
        fresh = float("inf") if ttl is None else self.latest + ttl
        if self.budget is None or size <= self.budget:
            kept.append((key, value, fresh, fresh + stale, size))
        before = len(kept)
        while (self.size and len(kept) > self.size) or (
            self.budget is not None and sum(each[4] for each in kept) > self.budget
        ):
            kept.pop(0)
        self.model = kept
        assert gone == before - len(kept)

    @rule(key=KEYS, stale=st.booleans())
    def get(self, key: str, stale: bool) -> None:
        found = self.entries.get(key, stale=stale)
        self.model = self.alive()
        wanted = [
            each for each in self.model if each[0] == key and (stale or each[2] > self.latest)
        ]
        assert (found and found.value) == (wanted[0][1] if wanted else None)
        if wanted:
            self.model.remove(wanted[0])
            self.model.append(wanted[0])

    @rule(key=KEYS)
    def pop(self, key: str) -> None:
        self.model = self.alive()
        was_there = any(each[0] == key for each in self.model)
        assert self.entries.pop(key) is was_there
        self.model = [each for each in self.model if each[0] != key]

    @rule()
    def clear(self) -> None:
        self.entries.clear()
        self.model = []

    @rule(seconds=st.sampled_from([0.0, 0.4, 1.1, 5.0, -3.0, -1000.0]))
    def pass_time(self, seconds: float) -> None:
        # Backwards too: an entry must neither come back nor live longer for good.
        self.now = max(0.0, self.now + seconds) if seconds < 0 else self.latest + seconds

    @invariant()
    def size_is_the_model_s(self) -> None:
        if hasattr(self, "entries"):
            self.model = self.alive()
            assert len(self.entries) == len(self.model)
            assert self.entries.bytes == sum(each[4] for each in self.model)


TestEntries = EntriesAndModel.TestCase
TestEntries.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_limits_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="max_size must be 0"):
        Entries(max_size=-1)
    with pytest.raises(ConfigurationError, match="max_bytes must be above 0"):
        Entries(max_bytes=0)


def test_a_key_that_is_written_again_and_again_leaves_no_trace() -> None:
    entries: Entries[int] = Entries()
    for number in range(5000):
        entries.put("key", number, ttl_seconds=1000.0)
    assert len(entries) == 1
    assert len(entries._deaths) <= 128


def test_entries_that_nobody_asks_for_again_do_not_stay() -> None:
    now = 0.0
    entries: Entries[int] = Entries(clock=lambda: now)
    for number in range(1000):
        now = float(number)
        entries.put(str(number), number, ttl_seconds=10.0)
    assert len(entries._entries) <= 11


def test_eight_threads_lose_nothing() -> None:
    entries: Entries[int] = Entries(max_size=100)

    def work(thread: int) -> int:
        found = 0
        for number in range(400):
            entries.put(f"{thread}-{number % 12}", number)
            found += entries.get(f"{thread}-{number % 12}", counts=True) is not None
        return found

    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(work, range(8)))
    # 8 times 12 keys fit, so none of them was ever missing.
    assert found == [400] * 8
    assert entries.hits == 3200
    assert len(entries) == 96


def test_the_least_used_goes_first() -> None:
    entries: Entries[int] = Entries(max_size=3)
    for number in range(3):
        entries.put(str(number), number)
    entries.get("0")
    entries.put("3", 3)
    kept = [key for key in "0123" if entries.get(key)]
    assert kept == ["0", "2", "3"]
    assert all(one < two for one, two in pairwise(kept))
