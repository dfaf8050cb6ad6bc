"""``racto-rag export``: every passage once, whole files only."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from racto.core import Chunk

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_everything_comes_out_again(command: Run, docs: Path, tmp_path: Path) -> None:
    command("ingest", "docs", "--metadata", "team=hr")
    done = command("export", "out.jsonl", "--vectors")
    assert done.returncode == 0, done.stderr
    assert "2 passages written" in done.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    chunks = [Chunk.from_dict(line, line["embedding"]) for line in lines]
    assert {Path(chunk.metadata.source).name for chunk in chunks} == {"pump.md", "bread.txt"}
    assert all(chunk.metadata.extra["team"] == "hr" for chunk in chunks)
    assert all(len(chunk.embedding or ()) > 1 for chunk in chunks)
    assert any("five years" in chunk.content for chunk in chunks)
    assert list(tmp_path.glob(".out*")) == []


def test_without_a_file_it_goes_to_standard_output(command: Run, docs: Path) -> None:
    command("ingest", "docs")
    done = command("export")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 2
    assert "embedding" not in lines[0]


def test_a_place_that_cannot_be_written_is_named(command: Run, docs: Path) -> None:
    command("ingest", "docs")
    done = command("export", "no/such/folder/out.jsonl")
    assert done.returncode == 2
    assert "out.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_index_that_is_not_there_is_an_error(command: Run) -> None:
    assert command("export").returncode == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names")
def test_what_is_no_file_is_written_into(command: Run, docs: Path, tmp_path: Path) -> None:
    command("ingest", "docs")
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE) as reader:
        assert command("export", "pipe").returncode == 0
        out, _ = reader.communicate(timeout=60)
    assert out.count(b"\n") == 2
    assert not (tmp_path / "pipe").is_file()
    folder = command("export", "docs")
    assert folder.returncode == 2
    assert "docs is a folder" in folder.stderr


def test_links_and_rights_are_kept(command: Run, docs: Path, tmp_path: Path) -> None:
    command("ingest", "docs")
    real = tmp_path / "real.jsonl"
    real.touch()
    real.chmod(0o640)
    (tmp_path / "link.jsonl").symlink_to(real)
    assert command("export", "link.jsonl").returncode == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(real.read_text().splitlines()) == 2
    assert real.stat().st_mode & 0o777 == 0o640
