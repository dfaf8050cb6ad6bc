"""mypy, strict, sees what a user of the packages types: the right passes, the wrong does not.

The files beside this one are such users. ``assert_type`` says what must be inferred, and each
``# type: ignore[code]`` marks a mistake that mypy must find: strict mode reports one that it
does not need.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SAMPLES = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))


def checked(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", *map(str, paths)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow
def test_users_get_the_types_that_they_expect() -> None:
    assert len(SAMPLES) >= 4
    done = checked(*SAMPLES)
    assert done.stdout.strip() == f"Success: no issues found in {len(SAMPLES)} source files"


@pytest.mark.slow
def test_the_check_finds_a_wrong_expectation(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    text = (
        (HERE / "flow.py").read_text("utf-8").replace('run(size("u")), int', 'run(size("u")), str')
    )
    wrong.write_text(text, "utf-8")
    done = checked(wrong)
    assert re.search(r'Expression is of type "int", not "str"', done.stdout)


def test_every_sample_expects_something_and_refuses_something() -> None:
    for path in SAMPLES:
        text = path.read_text("utf-8")
        assert "assert_type(" in text, path.name
        assert "# type: ignore[" in text, path.name
