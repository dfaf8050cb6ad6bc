"""Worker processes for tests: started for real, waited for, ended, or killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent


class Nursery:
    """The process that brings up workers; one for all tests, started with the first worker."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def bring_up(self, order: Mapping[str, object]) -> int:
        """Start a worker, and return its process id."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "nursery.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=HERE,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it, and whoever is left of its workers; the next worker starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate(timeout=20)


NURSERY = Nursery()


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
        self.pid = 0
        """Id of the parent of its processes."""

    def start(self, *, timeout_s: float = 60.0) -> WorkerProcess:
        """Start it, and wait until it is ready.

        Raises:
            TimeoutError: If it does not get so; the message holds its last words.
        """
        name = f"test-{os.urandom(4).hex()}@%h"
        command = ["-A", self.module, "worker", "-n", name]
        command += ["--without-gossip", "--without-mingle", "-l", "INFO", *self.options]
        self.log.touch()
        self.pid = NURSERY.bring_up(
            {
                "arguments": command,
                "environment": self.environment,
                "log": str(self.log),
                "status": str(self._status),
            }
        )
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self.status is None:
            # The log says so earlier than a ping would, whose answer can get lost at the start.
            if " ready." in self.words:
                return self
            time.sleep(0.02)
        self.kill()
        raise TimeoutError(f"the worker did not start:\n{self.words[-4000:]}")

    @property
    def words(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    @property
    def status(self) -> int | None:
        """Its exit status; None while it lives."""
        return int(self._status.read_text()) if self._status.exists() else None

    def stop(self) -> int:
        """End it in good order, and return its exit status; twice is fine."""
        if self.status is None:
            os.kill(self.pid, signal.SIGTERM)
        try:
            return self._ended()
        except TimeoutError:
            self.kill()
            raise

    def kill(self) -> None:
        """Kill it and its children, as a machine that fails would; twice is fine."""
        if self.status is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._ended()

    @property
    def _status(self) -> Path:
        return self.log.with_suffix(".status")

    def _ended(self) -> int:
        end = time.monotonic() + 20
        while (status := self.status) is None:
            if time.monotonic() > end:
                raise TimeoutError(f"worker {self.pid} does not end:\n{self.words[-2000:]}")
            time.sleep(0.02)
        return status
