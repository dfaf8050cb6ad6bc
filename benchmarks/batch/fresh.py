"""A job in a fresh process, for figures that earlier runs would spoil."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

# The reference submits nothing without a prompt.
PROMPT: dict[str, Any] = {
    "role": "You calculate.",
    "aim": "Answer the question.",
    "constraints": ["Answer with a number."],
    "tone": "Plain.",
    "output_format": "text",
}


def measured(file: str, count: int) -> dict[str, float]:
    """Run a file's job in a process of its own and return what it reports.

    Args:
        file: The file, which takes the address of the server and the number of items.
        count: Items of the job.
    """
    with stand_in() as address:
        command = [sys.executable, "-W", "ignore", str(HERE / file), address, str(count)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    assert told["results"] == count
    return told


@contextmanager
def stand_in() -> Iterator[str]:
    """The address of a server that stands in for OpenAI."""
    command = [sys.executable, str(HERE / "stand_in.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        finally:
            server.kill()


def report(results: int) -> None:
    """Print what a job has used: CPU seconds and megabytes at the peak."""
    import resource
    import time

    # Kilobytes on Linux, bytes on macOS.
    unit = 1024.0 if sys.platform != "darwin" else 1024.0 * 1024.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    told = {"results": results, "cpu": time.process_time(), "peak": peak}
    sys.stdout.write(json.dumps(told) + "\n")
