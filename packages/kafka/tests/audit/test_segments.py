"""A record is in the file whole or not at all, whatever the disk does."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from racto.core.errors import StoreError
from racto.kafka.audit.segments import Segment

from .limits import largest_file


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    segment = Segment(tmp_path, 7, is_new=True)
    segment.append(b"abc")
    segment.append(b"defg")
    assert (segment.read(0, 100), segment.read(3, 2), segment.size) == (b"abcdefg", b"de", 7)
    if sys.platform != "win32":
        assert stat.S_IMODE(segment.path.stat().st_mode) == 0o600
    segment.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_part(tmp_path: Path) -> None:
    segment = Segment(tmp_path, 1, is_new=True)
    segment.append(b"x" * 900)
    with largest_file(1000), pytest.raises(StoreError, match="File too large; free space"):
        segment.append(b"y" * 300)
    assert (segment.size, segment.path.stat().st_size) == (900, 900)
    segment.append(b"z")
    assert segment.read(899, 10) == b"xz"
    segment.close()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "000000000001.spill").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        Segment(tmp_path, 1, is_new=True)
    assert not (tmp_path / "elsewhere").exists()


def test_a_damaged_file_is_kept(tmp_path: Path) -> None:
    segment = Segment(tmp_path, 1, is_new=True)
    segment.append(b"abc")
    segment.has_damage = True
    segment.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["000000000001.damaged"]


def broken(*_: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_what_does_not_reach_the_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = Segment(tmp_path, 1, is_new=True)
    segment.append(b"abc", synced=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises(StoreError, match="Input/output error"):
            segment.append(b"def", synced=True)
    assert (segment.size, segment.read(0, 100), segment.is_spoiled) == (3, b"abc", False)
    segment.append(b"ghi", synced=True)
    assert segment.path.read_bytes() == b"abcghi"
    segment.close()


def test_what_cannot_be_taken_back_spoils_the_file_and_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = Segment(tmp_path, 1, is_new=True)
    segment.append(b"abc")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        patched.setattr(os, "ftruncate", broken)
        with pytest.raises(StoreError):
            segment.append(b"def", synced=True)
    assert (segment.size, segment.read(0, 100), segment.is_spoiled) == (3, b"abc", True)
    segment.close()
