"""The backlog in memory keeps order and limits."""

from __future__ import annotations

import pytest

from racto.core.errors import OverloadedError
from racto.kafka.audit.backlogs import MemoryBacklog, OnFull


def _filled(count: int, on_full: OnFull = "raise") -> MemoryBacklog:
    backlog = MemoryBacklog(max_events=4, max_bytes=100, on_full=on_full)
    for number in range(count):
        backlog.append(b"k", str(number).encode())
    return backlog


def test_order_and_rewinding() -> None:
    backlog = _filled(4)
    first, second = backlog.take(2)
    backlog.settle(first)
    assert [parcel.value for parcel in backlog.take(9)] == [b"2", b"3"]
    backlog.rewind()
    assert [parcel.value for parcel in backlog.take(9)] == [b"1", b"2", b"3"]
    backlog.settle(second)
    assert backlog.pending == 2
    assert not backlog.set_aside(second, "why")


def test_beyond_its_limits_it_says_so() -> None:
    with pytest.raises(OverloadedError, match="4 of 4 events, 8 of 100 bytes, and 2 more"):
        _filled(5)
    with pytest.raises(OverloadedError, match="the audit buffer is full"):
        _filled(1).append(b"k", b"x" * 100)
    with pytest.raises(OverloadedError):
        _filled(0, "drop_oldest_counted").append(b"k", b"x" * 100)


def test_the_oldest_are_dropped_and_counted() -> None:
    backlog = _filled(2, "drop_oldest_counted")
    flying = backlog.take(2)
    for number in range(2, 7):
        backlog.append(b"k", str(number).encode())
    # What is gone already is not forgotten a second time.
    backlog.settle(flying[0])
    assert (backlog.dropped, backlog.pending) == (3, 4)
    assert [parcel.value for parcel in backlog.take(9)] == [b"3", b"4", b"5", b"6"]
