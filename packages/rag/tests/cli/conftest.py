"""The command as users run it: a process of its own, with plug-ins found by their entry points."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PLUGINS = """
[racto.embedders]
hash = racto.core.testing:HashEmbedder
tiny = racto_test_plugins:TinyEmbedder
slow = racto_test_plugins:SlowEmbedder
[racto.vector_stores]
dict = racto.core.testing:DictStore
"""

MODULE = '''
"""Embedders that misbehave in useful ways."""

import sys
import time

from racto.core.flows import threaded
from racto.core.testing import HashEmbedder


class TinyEmbedder(HashEmbedder):
    def __init__(self):
        super().__init__(8)


class SlowEmbedder(HashEmbedder):
    def embed(self, texts):
        print("embedding", file=sys.stderr, flush=True)
        time.sleep(0.25)
        return super().embed(texts)

    aembed = threaded(embed)
'''

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables under which the fakes of racto.core.testing are installed plug-ins."""
    installed = tmp_path / "installed"
    facts = installed / "racto_test_plugins-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: racto-test-plugins\nVersion: 1.0\n"
    )
    (facts / "entry_points.txt").write_text(PLUGINS)
    (installed / "racto_test_plugins.py").write_text(MODULE)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "RACTO_"))
    }
    return kept | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(installed), kept.get("PYTHONPATH")))),
        "RACTO_EMBEDDER": "hash",
        "RACTO_STORE": "dict",
        "COLUMNS": "100",
    }


@pytest.fixture
def command(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Runs ``racto-rag`` in a folder of its own."""

    def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "racto.rag", *map(str, arguments)],
            cwd=tmp_path,
            env=environment | variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A small folder of documents, all in order."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "pump.md").write_text(
        "# Pump\n\nThe pump is guaranteed for five years.\nClean the filter monthly.\n"
    )
    (folder / "bread.txt").write_text("Bake the bread at 230 degrees for forty minutes.\n")
    return folder
