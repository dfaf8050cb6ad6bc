"""``racto-stores`` as a user runs it: a process of its own, with plug-ins found by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PLUGINS = """
[racto.vector_stores]
full = racto_test_stores:full
empty = racto.core.testing:DictStore
lossy = racto_test_stores:Lossy
down = racto_test_stores:down
"""

MODULE = '''
"""Stores that are full, lossy, or away."""

from racto.core import Chunk
from racto.core.errors import StoreError
from racto.core.flows import threaded
from racto.core.testing import DictStore


def full(count=3):
    store = DictStore()
    store.add([Chunk(content=f"t{n}", chunk_id=f"c{n}", embedding=[1.0, n]) for n in range(count)])
    return store


class Lossy(DictStore):
    def add(self, chunks):
        super().add([chunk.with_content("?") for chunk in chunks])

    aadd = threaded(add)


def down():
    raise StoreError("no server at http://localhost:9")
'''

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Run:
    facts = tmp_path / "racto_test_stores-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: racto-test-stores\nVersion: 1.0\n"
    )
    (facts / "entry_points.txt").write_text(PLUGINS)
    (tmp_path / "racto_test_stores.py").write_text(MODULE)
    kept = os.environ.get("PYTHONPATH")
    path = os.pathsep.join(filter(None, (str(tmp_path), kept)))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; from racto.core.transfers.command import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip

    return run


def test_copy_and_count(command: Run) -> None:
    done = command("copy", "full:count=5", "empty", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["copied"], report["verified"], report["is_complete"]) == (5, 5, True)
    assert command("count", "full:count=7").stdout == "7\n"
    assert "3 copied, 0 there already, 3 compared" in command("copy", "full", "empty").stdout


def test_chunks_that_differ_are_an_exit_code(command: Run) -> None:
    done = command("copy", "full", "lossy")
    assert done.returncode == 3
    assert "came back changed: c0, c1, c2" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("copy", "full", "nowhere"), "no plug-in 'nowhere'"),
        (("copy", "full:size=1", "empty"), "does not take these options"),
        (("copy", "down", "empty"), "no server at"),
        (("count", "full:count"), "not followed by =VALUE"),
        (("copy", "full", "empty", "--page-size", "0"), "page_size"),
    ],
)
def test_mistakes_are_one_line(command: Run, arguments: tuple[str, ...], says: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_teaches(command: Run) -> None:
    shown = command("copy", "--help")
    assert shown.returncode == 0
    assert "env:NAME" in shown.stdout
    assert "Exit codes" in shown.stdout
