"""Files appear whole or not at all, and nobody's file is replaced unasked."""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError
from racto.finetune.exports import whole_file


def write(
    file: Path, data: bytes, *, then: Callable[[], object] = bool, overwrite: bool = True
) -> None:
    """Write a file, and do something before it is whole."""
    with whole_file(file, overwrite=overwrite) as stream:
        stream.write(data)
        then()


def test_a_file_with_the_usual_rights(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.touch()
    with whole_file(tmp_path / "a.jsonl") as stream:
        stream.write(b"x")
        assert not (tmp_path / "a.jsonl").exists()
    assert (tmp_path / "a.jsonl").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == stat.S_IMODE(
        beside.stat().st_mode
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "beside"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError):
        write(file, b"half", then=lambda: 1 // 0)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"before")
    with pytest.raises(FileExistsError, match="overwrite=True"), whole_file(file):
        pytest.fail("nothing may be written")
    with whole_file(file, overwrite=True) as stream:
        stream.write(b"after")
    assert file.read_bytes() == b"after"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    with pytest.raises(FileExistsError):
        write(file, b"ours", then=lambda: file.write_bytes(b"theirs"), overwrite=False)
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with whole_file(tmp_path / "a.jsonl") as stream:
        stream.write(b"x")
    assert (tmp_path / "a.jsonl").read_bytes() == b"x"


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_bytes(b"before")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    with whole_file(tmp_path / "link.jsonl", overwrite=True) as stream:
        stream.write(b"after")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_bytes() == b"after"


def test_packed_files_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        with whole_file(tmp_path / name) as stream:
            stream.write(b"x" * 1000)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"x" * 1000


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a folder"), whole_file(tmp_path):
        pytest.fail("nothing may be written")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write(tmp_path / "no" / "a.jsonl", b"x", overwrite=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names")
def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        with whole_file(tmp_path / "pipe") as stream:
            stream.write(b"x\n")
        assert reader.communicate(timeout=60)[0] == b"x\n"
