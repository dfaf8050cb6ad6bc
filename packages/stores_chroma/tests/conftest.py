"""A real Chroma server for the tests, started once, when the first test asks for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

# Starting takes five to fifteen seconds on a busy machine.
_PATIENCE = 60.0


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running server."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        free = int(held.getsockname()[1])
    folder = tmp_path_factory.mktemp("chroma")
    program = Path(sys.executable).with_name("chroma")
    command = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(free)]
    with (folder / "log").open("wb") as log:
        environment = {**os.environ, "ANONYMIZED_TELEMETRY": "False"}
        server = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=log, env=environment
        )
        try:
            _wait_for(free, server, folder / "log")
            yield free
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start within {_PATIENCE:g} s: {log.read_text()}")
