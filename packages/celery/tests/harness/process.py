"""Worker processes for tests: started for real, waited for, ended, or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent


class WorkerProcess:
    """One ``celery worker`` in a process of its own, with children of its own.

    Args:
        module: Module with the app, importable from this folder.
        environment: Variables that tell the app where its services are.
        options: Further options of the command.
    """

    def __init__(self, module: str, environment: Mapping[str, str], *options: str) -> None:
        self.module, self.options = module, options
        self.environment = {**os.environ, "PYTHONPATH": str(HERE), **environment}
        self.log = Path(environment["SHOP_LOG"]).with_suffix(f".{os.urandom(3).hex()}.out")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout_s: float = 60.0) -> WorkerProcess:
        """Start it, and wait until it answers a ping.

        Raises:
            TimeoutError: If it does not; the message holds its last words.
        """
        name = f"test-{os.urandom(4).hex()}@%h"
        command = [sys.executable, "-m", "celery", "-A", self.module, "worker", "-n", name]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--without-gossip", "--without-mingle", "-l", "INFO", *self.options],
                env=self.environment,
                cwd=HERE,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self.process.poll() is None:
            # The log says so earlier than a ping would, whose answer can get lost at the start.
            if " ready." in self.words:
                return self
            time.sleep(0.05)
        raise TimeoutError(f"the worker did not start:\n{self.words[-4000:]}")

    @property
    def words(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """Id of the parent of its processes."""
        assert self.process is not None
        return self.process.pid

    def stop(self) -> int:
        """End it in good order, and return its exit status; twice is fine."""
        assert self.process is not None
        if (status := self.process.poll()) is not None:
            return status
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """Kill it and its children, as a machine that fails would."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
