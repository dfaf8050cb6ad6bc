"""A walk meets each file once, in a fixed order, and reports what it cannot look at."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from racto.rag.ingestion.folders import label_of, look, walk

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file systems only")


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def met(folder: Path, **options: list[str]) -> list[str]:
    return [found.path.relative_to(folder).as_posix() for found in walk(folder, **options)]


def test_sorted_without_hidden_and_foreign_folders(tmp_path: Path) -> None:
    write(
        tmp_path, "b.md", "a/z.md", "a/b/c.md", "a.md", ".git/config", ".hidden", "x/.venv/lib.py",
        "node_modules/p/readme.md", "x/__pycache__/y.pyc", "x/y.md",
    )  # fmt: skip
    assert met(tmp_path) == ["a/b/c.md", "a/z.md", "a.md", "b.md", "x/y.md"]


def test_a_hidden_folder_that_is_asked_for_is_walked(tmp_path: Path) -> None:
    write(tmp_path, ".notes/a.md")
    assert met(tmp_path / ".notes") == ["a.md"]


def test_include_and_exclude(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "a.log", "x/b.md", "x/old/c.md", "y/old.md")
    assert met(tmp_path, include=["**/*.md"], exclude=["old"]) == ["a.md", "x/b.md", "y/old.md"]


@needs_posix
def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path, "real/a.md", "real/.kept/b.md")
    root = tmp_path / "real"
    (root / "loop").symlink_to(root)
    (root / "other").symlink_to(root / ".kept")
    (root / "twin.md").symlink_to(root / "a.md")
    (root / "self").symlink_to(root / "self")
    found = list(walk(root))
    assert [entry.path.name for entry in found if not entry.problem] == ["a.md", "b.md"]
    assert [entry.path.name for entry in found if entry.problem] == ["self"]


@needs_posix
def test_links_out_of_the_folder_are_reported_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "docs/a.md", "docs-of-others/secret.md", "elsewhere/b.md")
    root = tmp_path / "docs"
    (root / "key.md").symlink_to(tmp_path / "docs-of-others" / "secret.md")
    (root / "sub").mkdir()
    (root / "sub" / "up").symlink_to("../../elsewhere")
    (root / "sub" / "round.md").symlink_to("../sub/../a.md")
    found = {entry.path.relative_to(root).as_posix(): entry.problem for entry in walk(root)}
    assert found == {"a.md": "", "key.md": found["sub/up"], "sub/up": found["key.md"]}
    assert "link out of the folder" in found["key.md"]
    # The folder that was named may itself be a link.
    (tmp_path / "link").symlink_to(root)
    assert [entry.path.name for entry in walk(tmp_path / "link") if not entry.problem] == ["a.md"]


@needs_posix
def test_broken_links_are_reported(tmp_path: Path) -> None:
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere")
    (entry,) = walk(tmp_path)
    assert entry.problem == "broken link or removed meanwhile"


@needs_posix
def test_pipes_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert list(walk(tmp_path)) == []
    assert look(tmp_path / "pipe.txt").problem == "not a regular file"


@needs_posix
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names")
def test_names_that_are_not_utf8_are_met_and_can_be_printed(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    (tmp_path / name).write_text("x")
    (entry,) = walk(tmp_path)
    assert entry.key.endswith(b"/caf\xe9.md")
    assert entry.label.endswith("/caf\\xe9.md")
    entry.label.encode()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_folder_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "locked/a.md", "open/b.md")
    (tmp_path / "locked").chmod(0)
    try:
        found = list(walk(tmp_path))
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert [(entry.path.name, entry.problem) for entry in found] == [
        ("locked", "permission denied"),
        ("b.md", ""),
    ]


def test_a_deep_tree_is_no_recursion(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(200):
        deep = deep / "d"
    write(deep, "a.md")
    assert len(met(tmp_path)) == 1


def test_labels_keep_what_can_be_printed() -> None:
    assert label_of(Path("docs/Zoë.md")) == str(Path("docs/Zoë.md"))
