"""Every program under ``examples/`` runs as it stands, without a key and without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
_OF_PROVIDERS = ("OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_", "HF_", "HUGGINGFACE_", "VOYAGE_", "OLLAMA_")  # fmt: skip


@pytest.mark.parametrize("program", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_offline(program: Path, tmp_path: Path) -> None:
    # A key in the developer's own environment must not send a test to a real provider.
    clean = {name: text for name, text in os.environ.items() if not name.startswith(_OF_PROVIDERS)}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_is_one_for_each_provider() -> None:
    names = " ".join(path.stem for path in EXAMPLES)
    for provider in ("openai", "anthropic", "google", "ollama", "huggingface", "voyage"):
        assert provider in names
