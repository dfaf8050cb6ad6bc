"""What the house tests share: the workspace, a small lawful one to break, and built wheels."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from isolated import find_uv
from lawful import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A small lawful workspace in a temporary folder."""
    return Workspace(tmp_path / "house")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the real workspace."""
    return ROOT


@pytest.fixture(scope="session")
def uv() -> str:
    """The path of uv."""
    return find_uv()


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory, uv: str) -> Path:
    """A folder with a freshly built wheel of every distribution."""
    place = tmp_path_factory.mktemp("wheels")
    command = [uv, "build", "--quiet", "--all-packages", "--wheel", "--out-dir", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return place
