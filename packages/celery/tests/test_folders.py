"""Walking folders: regular files only, no links, no hidden ones, problems told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from racto.celery.folders import walk


def _names(folder: Path, *include: str) -> list[str]:
    found = walk(folder, include or ("*",))
    return sorted(str(Path(file.path).relative_to(folder)) for file in found)


def test_patterns_with_and_without_a_slash(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.txt", "deep/c.pdf", "deep/more/d.pdf", ".e.pdf", ".git/f.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert _names(tmp_path) == ["a.pdf", "b.txt", "deep/c.pdf", "deep/more/d.pdf"]
    assert _names(tmp_path, "*.pdf") == ["a.pdf", "deep/c.pdf", "deep/more/d.pdf"]
    assert _names(tmp_path, "deep/*.pdf") == ["deep/c.pdf", "deep/more/d.pdf"]
    assert _names(tmp_path, "*.txt", "deep/more/*") == ["b.txt", "deep/more/d.pdf"]


def test_links_and_pipes_are_left_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (inside / "file").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe")
    assert _names(inside) == []


def test_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open.txt").write_text("x")
    scandir = os.scandir

    def refuse(path: str) -> object:
        # Root may read everything, so the refusal is made here.
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = {Path(file.path).name: file.problem for file in walk(tmp_path)}
    assert found == {"open.txt": "", "closed": "permission denied"}


def test_stamp_changes_with_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one")
    (before,) = walk(tmp_path)
    path.write_text("three")
    (after,) = walk(tmp_path)
    assert before.stamp != after.stamp
