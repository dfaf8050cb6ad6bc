"""A gate that looked at too few files fails, whatever it says of those it saw."""

from __future__ import annotations

from pathlib import Path

import pytest

import check


@pytest.mark.parametrize(
    ("output", "seen"),
    [
        ("Success: no issues found in 12 source files", 12),
        ("Success: no issues found in 1 source file", 1),
        ("Found 3 errors in 2 files (checked 40 source files)", 40),
        ("mypy: can't read file 'x'", 0),
        ("", 0),
    ],
)
def test_the_number_of_files_is_read(output: str, seen: int) -> None:
    assert check.mypy_saw(output) == seen


def test_a_gate_that_saw_too_few_files_fails() -> None:
    assert check.shortfall("mypy", 12, 12) is None
    assert "looked at 1 files" in (check.shortfall("mypy", 1, 12) or "")
    assert check.shortfall("mypy", 0, 0)


def test_every_package_is_type_checked() -> None:
    folders = check.typed_folders(check.ROOT)
    packages = {path.parent.parent for path in check.ROOT.glob("packages/*/src/racto")}
    assert {path.parent for path in folders if path.name == "src"} == packages


def test_caches_are_not_counted(tmp_path: Path) -> None:
    for name in ("a.py", "__pycache__/b.py", "sub/c.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert {path.name for path in check.python_files(tmp_path)} == {"a.py", "c.py"}
