"""A real Chroma server for the tests, servers that a test may kill, and a proxy before them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

# Starting takes five to fifteen seconds on a busy machine.
_PATIENCE = 60.0


class Server:
    """``chroma run`` on a folder of its own; may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = int(held.getsockname()[1])
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("chroma")
        command = [program, "run", "--path", self.folder, "--host", "127.0.0.1"]
        environment = {**os.environ, "ANONYMIZED_TELEMETRY": "False"}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*map(str, command), "--port", str(self.port)],
                stdout=log, stderr=log, env=environment,
            )  # fmt: skip
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                url = f"http://127.0.0.1:{self.port}/api/v2/heartbeat"
                with urllib.request.urlopen(url, timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"no server within {_PATIENCE:g} s: {(self.folder / 'log').read_text()}")

    def end(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)


class Proxy(ThreadingHTTPServer):
    """Passes requests on, remembers them, and can be told to do otherwise.

    Attributes:
        asked: Method and last part of the path of each request.
        fault: Is given what was asked and a function that passes it on; None passes all on.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = port
        self.asked: list[str] = []
        self.fault: Callable[[str, Callable[[], None]], None] | None = None
        self.released = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: connections that break are a part of the tests."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = f"{self.command} {urlsplit(self.path).path.rpartition('/')[2]}"
        self.server.asked.append(asked)
        self.close_connection = True
        if self.server.fault is None:
            self.passed_on(data)
        else:
            self.server.fault(asked, lambda: self.passed_on(data))

    def passed_on(self, data: bytes) -> None:
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=30)
        try:
            kept = {"content-type": "application/json"}
            behind.request(self.command, self.path, data or None, kept if data else {})
            answer = behind.getresponse()
            body = answer.read()
        finally:
            behind.close()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers.get("content-type", ""))
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - named by http.server


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running server."""
    server = Server(tmp_path_factory.mktemp("chroma"))
    yield server.port
    server.end()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may kill."""
    server = Server(tmp_path)
    yield server
    server.end()


@pytest.fixture
def before() -> Iterator[Callable[[int], Proxy]]:
    """Makes proxies before servers."""
    made: list[tuple[Proxy, threading.Thread]] = []

    def make(port: int) -> Proxy:
        proxy = Proxy(port)
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made.append((proxy, thread))
        return proxy

    yield make
    for proxy, thread in made:
        proxy.released.set()
        proxy.shutdown()
        thread.join()
        proxy.server_close()
