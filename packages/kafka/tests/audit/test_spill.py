"""What was appended is there until it is settled: after a restart, after damage, in order."""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import ValidationError

from racto.core.errors import OverloadedError, StoreError
from racto.kafka.audit.spill import AuditSpillConfig, Spill

from .limits import largest_file


def opened(directory: Path, **settings_: Any) -> Spill:
    fields = {"segment_bytes": 1024, "max_bytes": 1 << 20, **settings_}
    return Spill(AuditSpillConfig(directory=directory, **fields))


def fill(spill: Spill, numbers: range) -> None:
    for number in numbers:
        spill.append(b"k", b"%d " % number + b"x" * 100)


def numbers(spill: Spill, most: int = 10_000) -> list[int]:
    return [int(parcel.value.split()[0]) for parcel in spill.take(most)]


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.spill"))


def test_order_over_many_files(tmp_path: Path) -> None:
    spill = opened(tmp_path)
    fill(spill, range(50))
    assert len(files(tmp_path)) > 4
    first = spill.take(20)
    for parcel in first[:10]:
        spill.settle(parcel)
    assert spill.pending == 40
    assert numbers(spill, 5) == [20, 21, 22, 23, 24]
    spill.rewind()
    assert numbers(spill) == list(range(10, 50))
    spill.close()


def test_a_restart_goes_on(tmp_path: Path) -> None:
    spill = opened(tmp_path)
    fill(spill, range(30))
    for parcel in spill.take(12):
        spill.settle(parcel)
    spill.close()
    spill.close()
    again = opened(tmp_path)
    assert (again.pending, again.recovery.events) == (18, 18)
    fill(again, range(30, 33))
    parcels = again.take(100)
    assert [int(parcel.value.split()[0]) for parcel in parcels] == list(range(12, 33))
    for parcel in parcels:
        again.settle(parcel)
    again.close()
    assert files(tmp_path) == []
    third = opened(tmp_path)
    assert third.pending == 0
    third.close()


def test_what_is_appended_is_read_at_once(tmp_path: Path) -> None:
    spill = opened(tmp_path)
    for number in range(30):
        fill(spill, range(number, number + 1))
        (parcel,) = spill.take(10)
        spill.settle(parcel)
        assert (spill.pending, len(files(tmp_path))) == (0, 1)
    spill.close()


def test_a_record_larger_than_a_read(tmp_path: Path) -> None:
    spill = opened(tmp_path, segment_bytes=1 << 20, max_bytes=1 << 23)
    fill(spill, range(3000))
    spill.append(b"k", b"3000 " + b"y" * 900_000)
    fill(spill, range(3001, 3003))
    assert numbers(spill) == list(range(3003))
    spill.close()


def test_a_torn_record_is_told_and_forgotten(tmp_path: Path) -> None:
    spill = opened(tmp_path)
    fill(spill, range(3))
    spill.close()
    path = tmp_path / files(tmp_path)[-1]
    path.write_bytes(path.read_bytes()[:-50])
    again = opened(tmp_path)
    assert (again.recovery.events, again.recovery.torn_bytes) == (2, 69)
    assert again.recovery.damaged_files == ()
    for parcel in again.take(10):
        again.settle(parcel)
    again.close()
    assert files(tmp_path) == []


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(min_value=0), flip=st.integers(1, 255), data=st.data())
def test_damage_costs_one_record(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("spill")
    spill = opened(directory)
    fill(spill, range(20))
    spill.close()
    path = directory / data.draw(st.sampled_from(files(directory)))
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= flip
    path.write_bytes(content)
    logging.getLogger("racto.kafka.audit").disabled = True
    again = opened(directory)
    logging.getLogger("racto.kafka.audit").disabled = False
    found = again.take(100)
    assert len(found) == 19
    assert again.recovery.events == 19
    for parcel in found:
        again.settle(parcel)
    again.close()
    assert files(directory) == []
    # For a person to look at, unless it was the end that was torn.
    assert len(list(directory.glob("*.damaged"))) == len(again.recovery.damaged_files)


def test_a_lost_watermark_repeats_and_loses_nothing(tmp_path: Path) -> None:
    spill = opened(tmp_path)
    fill(spill, range(6))
    for parcel in spill.take(3):
        spill.settle(parcel)
    spill.close()
    (tmp_path / "delivered").write_text("9 9 9")
    again = opened(tmp_path)
    assert numbers(again) == list(range(6))
    again.close()


def test_beyond_its_size_it_says_so(tmp_path: Path) -> None:
    spill = opened(tmp_path, max_bytes=4096)
    with pytest.raises(OverloadedError, match=r"of max_bytes=4096 bytes in .*was not taken"):
        fill(spill, range(100))
    kept = spill.pending
    assert numbers(spill) == list(range(kept))
    spill.close()


def test_the_oldest_are_dropped_and_counted(tmp_path: Path) -> None:
    spill = opened(tmp_path, max_bytes=4096, on_full="drop_oldest_counted")
    fill(spill, range(20))
    flying = spill.take(5)
    fill(spill, range(20, 100))
    spill.settle(flying[0])
    assert spill.dropped + spill.pending == 100
    spill.rewind()
    assert numbers(spill) == list(range(spill.dropped, 100))
    spill.close()


def test_a_full_disk_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    spill = opened(tmp_path, segment_bytes=4096)
    fill(spill, range(5))
    with largest_file(700):
        with pytest.raises(StoreError, match="free space"):
            fill(spill, range(5, 9))
        taken = spill.pending
    fill(spill, range(taken, 12))
    assert numbers(spill) == list(range(12))
    spill.close()
    again = opened(tmp_path)
    assert (again.recovery.events, again.recovery.torn_bytes) == (12, 0)
    again.close()


@pytest.mark.parametrize("fault", ["fsync", "fsync and ftruncate"])
def test_a_disk_that_fails_to_sync_keeps_what_it_took_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    spill = opened(tmp_path, sync="always")
    fill(spill, range(3))
    with monkeypatch.context() as patched:
        for name in fault.split(" and "):
            patched.setattr(os, name, broken)
        with pytest.raises(StoreError, match="Input/output error"):
            fill(spill, range(99, 100))
    assert spill.pending == 3
    fill(spill, range(3, 6))
    parcels = spill.take(100)
    assert [int(parcel.value.split()[0]) for parcel in parcels] == list(range(6))
    for number, parcel in enumerate(parcels, 1):
        # A miscount would remove the file before the last of it is delivered.
        assert files(tmp_path)
        spill.settle(parcel)
        assert spill.pending == 6 - number
    spill.close()
    again = opened(tmp_path)
    assert (again.pending, numbers(again)) == (0, [])
    again.close()


def test_what_dropping_does_not_mend_drops_nothing(tmp_path: Path) -> None:
    spill = opened(tmp_path, on_full="drop_oldest_counted")
    fill(spill, range(30))
    with largest_file(64), pytest.raises(StoreError, match="File too large"):
        fill(spill, range(30, 31))
    assert (spill.dropped, numbers(spill)) == (0, list(range(30)))
    spill.close()


@pytest.mark.parametrize("on_full", ["raise", "drop_oldest_counted"])
def test_a_disk_that_is_full(small_disk: Path, on_full: str) -> None:
    spill = opened(small_disk / "s", on_full=on_full, segment_bytes=8192)
    taken = 0
    with suppress(StoreError):
        for taken in range(2000):
            fill(spill, range(taken, taken + 1))
    assert spill.dropped + spill.pending == (2000 if spill.dropped else taken)
    assert (spill.dropped > 0) == (on_full != "raise")
    assert numbers(spill) == list(range(spill.dropped, spill.dropped + spill.pending))
    spill.close()


@pytest.mark.parametrize("sync", ["never", "background", "always"])
def test_whatever_is_synced_is_kept(tmp_path: Path, sync: str) -> None:
    spill = opened(tmp_path, sync=sync)
    fill(spill, range(20))
    spill.tidy()
    fill(spill, range(20, 25))
    spill.tidy()
    spill.close()
    with pytest.raises(StoreError, match="is closed"):
        fill(spill, range(1))
    again = opened(tmp_path, sync=sync)
    assert numbers(again) == list(range(25))
    again.close()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "1.spill").write_text("mine")
    spill = opened(tmp_path)
    fill(spill, range(1))
    spill.settle(spill.take(1)[0])
    spill.close()
    assert {path.name for path in tmp_path.iterdir()} == {
        "notes.txt", "1.spill", "lock", "delivered",
    }  # fmt: skip


def test_settings_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="segment_bytes: 4096 may be at most a quarter"):
        AuditSpillConfig(directory=tmp_path, segment_bytes=4096, max_bytes=8192)
