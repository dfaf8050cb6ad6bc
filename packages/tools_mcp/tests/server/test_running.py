"""Programs that are servers: their signals, their stuck threads, their loop."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from racto.core import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer

SERVED = """
from racto.tools.mcp.server import RactoMCPServer
server = RactoMCPServer("served")
server.run("{transport}", port=0)
print("ended in order")
"""


def started(tmp_path: Path, transport: str) -> subprocess.Popen[str]:
    path = tmp_path / "served.py"
    path.write_text(SERVED.format(transport=transport))
    pipe = subprocess.PIPE
    command = [sys.executable, "-W", "error", str(path)]
    return subprocess.Popen(
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        # Shells start background jobs with SIGINT ignored; tests must not inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: int) -> None:
    with started(tmp_path, "streamable-http") as process:
        assert process.stderr is not None
        assert "served listens on http://127.0.0.1:" in process.stderr.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, "ended in order\n")
    assert "Traceback" not in err


def test_the_end_of_input_ends_it_in_order(tmp_path: Path) -> None:
    with started(tmp_path, "stdio") as process:
        out, err = process.communicate("", timeout=120)
    assert (process.returncode, out, err) == (0, "ended in order\n", "")


async def test_run_inside_a_loop_is_told() -> None:
    with pytest.raises(ConfigurationError, match="arun"):
        RactoMCPServer("served").run("streamable-http")
    assert asyncio.get_running_loop().is_running()
