"""A file is replaced whole or not at all, by one at a time, and nothing is left beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from racto.core.errors import IndexLockedError
from racto.stores.faiss.replacement import replacement


def write(path: Path, data: bytes) -> None:
    with replacement(path) as file:
        file.write(data)


def test_the_new_takes_the_place_of_the_old(tmp_path: Path) -> None:
    for data in (b"old", b"new"):
        write(tmp_path / "x", data)
    assert (tmp_path / "x").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_failure_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "x", b"old")
    with pytest.raises(TypeError), replacement(tmp_path / "x") as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert (tmp_path / "x").read_bytes() == b"old"
    assert not list(tmp_path.glob(".*.part"))
    write(tmp_path / "x", b"new")


def test_two_do_not_write_at_once(tmp_path: Path) -> None:
    with replacement(tmp_path / "x") as file:
        file.write(b"first")
        with pytest.raises(IndexLockedError, match="somebody else") as caught:
            write(tmp_path / "x", b"second")
        assert caught.value.retryable
        write(tmp_path / "y", b"other files are free")
    assert (tmp_path / "x").read_bytes() == b"first"


def test_a_writer_that_died_locks_nobody_out(tmp_path: Path) -> None:
    program = (
        "import os, pathlib\n"
        "from racto.stores.faiss.replacement import replacement\n"
        f"with replacement(pathlib.Path({str(tmp_path / 'x')!r})) as file:\n"
        "    file.write(b'half'); file.flush(); os._exit(1)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 1
    assert not (tmp_path / "x").exists()
    write(tmp_path / "x", b"whole")
    assert (tmp_path / "x").read_bytes() == b"whole"
