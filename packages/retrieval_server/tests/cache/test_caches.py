"""The cache of a process: bounded in entries, bytes and time, and nobody can change its contents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.retrieval.server.cache import LRUCache
from racto.retrieval.server.cache.copies import copied, weighed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def nothing_shared(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one is not other and all(nothing_shared(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return one is not other and all(map(nothing_shared, one, other))
    return True


@given(JSON)
def test_a_copy_is_equal_and_shares_nothing_that_can_change(value: Any) -> None:
    copy = copied(value)
    assert copy == value
    assert nothing_shared(value, copy)
    assert weighed(value) > 0


async def test_what_was_put_cannot_be_changed_from_outside() -> None:
    cache = LRUCache()
    value: dict[str, Any] = {"scores": {"a": 1.0}, "meta": {"tags": ["x"]}}
    await cache.put("k", value)
    value["scores"].clear()
    hit = await cache.get("k")
    assert hit == {"scores": {"a": 1.0}, "meta": {"tags": ["x"]}}
    hit["scores"]["b"] = 2.0
    hit["meta"]["tags"].append("y")
    assert await cache.get("k") == {"scores": {"a": 1.0}, "meta": {"tags": ["x"]}}


async def test_the_entry_used_longest_ago_makes_room() -> None:
    cache = LRUCache(2)
    await cache.put("a", 1)
    await cache.put("b", 2)
    await cache.get("a")
    await cache.put("c", 3)
    assert [await cache.get(k) for k in "abc"] == [1, None, 3]
    assert cache.stats.evicted == 1
    assert (cache.stats.hits, cache.stats.misses) == (3, 1)


async def test_entries_end_with_their_time() -> None:
    now = [0.0]
    cache = LRUCache(ttl=10, clock=lambda: now[0])
    await cache.put("a", 1)
    now[0] = 9.99
    assert await cache.get("a") == 1
    now[0] = 10.0
    assert await cache.get("a") is None
    assert cache.stats.entries == 0


async def test_bytes_are_bounded_and_a_giant_is_not_kept() -> None:
    cache = LRUCache(max_bytes=10_000)
    for number in range(100):
        await cache.put(number, {"text": "x" * 500})
    assert cache.stats.bytes <= 10_000
    assert 5 < cache.stats.entries < 20
    kept = cache.stats.entries
    await cache.put("giant", "y" * 9_000)
    assert await cache.get("giant") is None
    assert cache.stats.entries == kept


async def test_a_giant_in_an_old_entrys_place_takes_it_away() -> None:
    cache = LRUCache(max_bytes=1000)
    await cache.put("k", "old")
    await cache.put("k", "n" * 5000)
    # Better nothing than yesterday's answer.
    assert await cache.get("k") is None


async def test_removing_and_clearing() -> None:
    cache = LRUCache(max_bytes=100_000)
    await cache.put("a", 1)
    await cache.put("b", 2)
    await cache.remove("a")
    await cache.remove("unknown")
    assert [await cache.get("a"), await cache.get("b")] == [None, 2]
    await cache.close()
    assert (cache.stats.entries, cache.stats.bytes) == (0, 0)


@pytest.mark.parametrize("options", [{"capacity": 0}, {"ttl": 0}, {"ttl": -2}, {"max_bytes": 0}])
def test_bounds_out_of_range_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        LRUCache(**options)
