"""The examples of the help texts, typed into a shell."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.tools.mcp.cli import manual

TEXTS = [text for name, text in vars(manual).items() if name.isupper() and isinstance(text, str)]
LINES = [
    line.strip()
    for text in TEXTS
    for line in text.splitlines()
    if re.match(r"  (racto-mcp|echo) ", line)
]
SERVING = "--transport streamable-http"


def test_all_examples_are_seen() -> None:
    assert len(LINES) >= 18


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: Any) -> Callable[[str], Any]:
    """Types a line as a user would, with ``racto-mcp`` on the PATH."""
    scripts = tmp_path / "bin"
    scripts.mkdir()
    shim = scripts / "racto-mcp"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m racto.tools.mcp.cli "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(scripts), prepend=os.pathsep)

    def type_line(line: str) -> Any:
        if not set("|>") & set(line):
            # What a shell would make of it, without the time that the command takes to load.
            return quick(*shlex.split(line)[1:])
        return subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=120,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return type_line


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_examples_work_as_they_are_typed(typed: Callable[[str], Any], tmp_path: Path) -> None:
    # What needs a server in another terminal is tested in test_serving.py.
    for line in dict.fromkeys(LINES):
        if SERVING in line or "http://" in line:
            continue
        done = typed(line)
        assert done.returncode in ((0, 1) if "--strict" in line else (0,)), (line, done.stderr)
        assert done.stdout or " > " in line, line
    assert list((tmp_path / "pictures").iterdir())
