"""Starts a worker process for a side, in the side's process group, and ends it with the side."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent


_started: list[int] = []


def cpu_ms() -> float:
    """CPU time of this process and of the workers it started, in milliseconds; Linux only."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = time.process_time()
    for parent in _started:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for pid in (str(parent), *children):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / ticks
    return total * 1e3


def start(side: str) -> None:
    """Start a worker of two processes, and wait until it is ready.

    Args:
        side: What its app is made with: ``bare``, ``racto`` or ``once``.
    """
    # Before the app is imported here: both must look into the same keys.
    os.environ["RACTO_BENCH_PREFIX"] = f"racto:bench:{os.getpid()}:"
    os.environ["RACTO_BENCH_SIDE"] = side
    log = tempfile.NamedTemporaryFile(prefix="racto-bench-", suffix=".log")  # noqa: SIM115
    command = [sys.executable, "-m", "celery", "-A", "shop", "worker", "-P", "prefork", "-c", "2"]
    process = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle", "-l", "INFO", "-n", f"{side}@%h"],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    atexit.register(_stop, process, log)
    _started.append(process.pid)
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        if " ready." in Path(log.name).read_text(errors="replace"):
            return
        time.sleep(0.05)
    raise RuntimeError(f"no worker: {Path(log.name).read_text(errors='replace')[-1000:]}")


def _stop(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    try:
        process.terminate()
        process.wait(8)
    except subprocess.TimeoutExpired:
        # Its children see that it is gone; the harness ends whoever is left of the group.
        process.kill()
        process.wait()
    finally:
        log.close()
        _sweep()


def _sweep() -> None:
    from shop import PREFIX, app  # type: ignore[import-not-found]

    client = app.backend.client
    for key in client.scan_iter(match=f"{PREFIX}*", count=1000):
        client.delete(key)
