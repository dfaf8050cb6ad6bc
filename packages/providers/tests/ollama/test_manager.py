"""The server manager with a program in Ollama's place, which speaks Ollama's protocol."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    ChatConfig,
    ConfigurationError,
    InvalidResponseError,
    RactoGatewayAPIError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.providers.ollama import OllamaDeveloperKit, OllamaServerManager
from racto.providers.ollama.processes import ServerProcess
from racto.testing import OllamaServer

Manager = Callable[..., OllamaServerManager]

SERVES = """
import os, signal, sys
from racto.testing import OllamaServer
assert sys.argv[1:] == ["serve"]
host, _, port = os.environ["OLLAMA_HOST"].rpartition(":")
assert host == "127.0.0.1"
server = OllamaServer(port=int(port))
print("listening", flush=True)
signal.sigwait([signal.SIGTERM])
"""
DIES = "import sys; print('GPU on fire'); sys.exit(3)"
SLEEPS = "import time; print('loading', flush=True); time.sleep(60)"


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def make(tmp_path: Path, port: int) -> Iterator[Manager]:
    """Makes managers of a program in Ollama's place, and stops them."""
    made: list[OllamaServerManager] = []

    def making(program: str = SERVES, **options: Any) -> OllamaServerManager:
        path = tmp_path / "ollama"
        path.write_text(f"#!{sys.executable}\n{program}")
        path.chmod(0o700)
        made.append(OllamaServerManager(**{"port": port, "ollama_bin": str(path), **options}))
        return made[-1]

    yield making
    for manager in made:
        manager.stop()


def test_it_serves_pulls_and_stops(make: Manager) -> None:
    with make() as manager:
        assert manager.is_mine
        assert manager.list_models() == []
        steps: list[float | None] = []
        manager.pull("qwen3:4b", lambda step: steps.append(step.fraction))
        assert manager.list_models() == ["qwen3:4b"]
        assert steps[0] is None
        assert sorted(step for step in steps if step is not None)[-1] == 1.0
        with OllamaDeveloperKit("qwen3:4b", base_url=manager.url) as kit:
            assert kit.chat(ChatConfig(user_message="hi")).content == "ok"
        assert manager.log == "listening"
    assert not manager.is_mine
    with pytest.raises(APIConnectionError, match="ollama serve"):
        manager.list_models()
    manager.stop()


async def test_the_async_voice_does_the_same(make: Manager) -> None:
    async with make() as manager:
        await manager.apull("tiny")
        assert await manager.alist_models() == ["tiny:latest"]
    assert not manager.is_mine
    with pytest.raises(APIConnectionError):
        await manager.alist_models()
    # A stopped one can be started again.
    await manager.astart()
    assert manager.is_mine
    await manager.astop()


def test_a_server_that_is_there_is_used_and_left(make: Manager) -> None:
    with OllamaServer() as server:
        with make(port=int(server.url.rpartition(":")[2])) as manager:
            assert not manager.is_mine
            assert manager.log == ""
            manager.pull("tiny")
        assert [request.path for request in server.requests][-1] == "/api/pull"
        with OllamaDeveloperKit("tiny", base_url=server.url) as kit:
            assert kit.chat(ChatConfig(user_message="hi")).content == "ok"


def test_a_server_that_dies_shows_what_it_wrote(make: Manager) -> None:
    manager = make(DIES)
    with pytest.raises(RactoGatewayAPIError, match="GPU on fire"):
        manager.start()
    assert not manager.is_mine


def test_a_server_that_does_not_answer_is_ended(make: Manager) -> None:
    manager = make(SLEEPS, startup_timeout=0.3)
    with pytest.raises(RactoGatewayTimeoutError, match=r"within 0\.3 s.*\n?loading"):
        manager.start()
    assert not manager.is_mine


async def test_a_start_that_is_cancelled_leaves_nothing(
    make: Manager, tmp_path: Path, port: int
) -> None:
    pid_file = tmp_path / "pid"
    manager = make(
        f"import os, pathlib, time; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)"
    )
    starting = asyncio.create_task(manager.astart())
    for _ in range(1000):
        await asyncio.sleep(0.01)
        if pid_file.exists() and pid_file.read_text():
            break
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


@pytest.mark.parametrize("program", [DIES, SLEEPS])
async def test_a_process_is_not_waited_for_on_the_loop(
    make: Manager, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    ended_in: list[threading.Thread] = []
    end = ServerProcess.end

    def noted(process: ServerProcess) -> None:
        ended_in.append(threading.current_thread())
        end(process)

    monkeypatch.setattr(ServerProcess, "end", noted)
    manager = make(program, startup_timeout=0.3)
    with pytest.raises(RactoGatewayError):
        await manager.astart()
    assert ended_in
    assert threading.current_thread() not in ended_in


def test_a_program_that_is_not_there_is_named(port: int) -> None:
    with pytest.raises(ConfigurationError, match="ollama_bin="):
        OllamaServerManager(port=port, ollama_bin="no-such-program").start()


def test_a_server_that_was_killed_is_noticed(make: Manager) -> None:
    with make() as manager:
        assert manager._process is not None
        os.kill(manager._process._process.pid, signal.SIGKILL)
        manager._process._process.wait()
        assert not manager.is_mine


@pytest.fixture
def stranger() -> Iterator[Callable[[bytes], int]]:
    """Starts a server that answers everything with the same bytes, and tells its port."""
    made: list[HTTPServer] = []

    def starting(body: bytes) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        made.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=made[-1].serve_forever, args=(0.01,)).start()
        return made[-1].server_port

    yield starting
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"7", b"{}"])
def test_another_server_is_not_taken_for_ollama(
    make: Manager, stranger: Callable[[bytes], int], body: bytes
) -> None:
    manager = make(DIES, port=stranger(body))
    with pytest.raises(RactoGatewayAPIError, match="GPU on fire"):
        manager.start()


def test_a_list_of_another_shape_is_invalid(
    make: Manager, stranger: Callable[[bytes], int]
) -> None:
    manager = make(port=stranger(b'{"version": "1", "models": [{}]}'))
    manager.start()
    with pytest.raises(InvalidResponseError, match="lists no models"):
        manager.list_models()


def test_it_names_its_address() -> None:
    assert repr(OllamaServerManager(port=1)) == "OllamaServerManager('http://127.0.0.1:1')"
    assert OllamaServerManager("::1", 2).url == "http://[::1]:2"
