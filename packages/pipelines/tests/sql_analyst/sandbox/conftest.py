"""One sandbox an engine for all tests of the folder, and what hostile code would like to reach."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.pipelines.sql_analyst.sandbox import AnalysisSandbox

from .corpora import CANARY, Scene


@pytest.fixture(scope="session")
def polars_sandbox() -> Iterator[AnalysisSandbox]:
    """A sandbox for polars with two processes ready."""
    with AnalysisSandbox(pool=2, timeout_s=20.0) as made:
        yield made


@pytest.fixture(scope="session")
def pandas_sandbox() -> Iterator[AnalysisSandbox]:
    """A sandbox for pandas with two processes ready."""
    with AnalysisSandbox(engine="pandas", pool=2, timeout_s=20.0) as made:
        yield made


@pytest.fixture(scope="session")
def small_sandbox() -> Iterator[AnalysisSandbox]:
    """A sandbox with narrow limits."""
    with AnalysisSandbox(
        pool=2, timeout_s=0.6, memory_bytes=256 << 20, max_output_bytes=4 << 20
    ) as made:
        yield made


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A file with a secret, a folder to write to, a port to call, a variable to read."""
    monkeypatch.setenv("RACTO_TEST_SECRET", CANARY)
    secret, folder = tmp_path / "secret.txt", tmp_path / "folder"
    secret.write_text(f"{CANARY}\n", encoding="utf-8")
    folder.mkdir()
    # Everybody may read and write: what keeps the code out must be the sandbox.
    for place, mode in ((secret, 0o666), (folder, 0o777), (tmp_path, 0o777)):
        place.chmod(mode)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield Scene(secret=secret, folder=folder, server=server, parent=os.getpid())
