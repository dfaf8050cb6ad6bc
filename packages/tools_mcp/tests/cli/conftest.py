"""The command as users run it, in a process or a terminal of its own, and servers to run it against."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
PEER = HERE.parent / "peers" / "sdk_server.py"
COMMAND = [sys.executable, "-m", "racto.tools.mcp.cli"]
DEMO = ["--", *COMMAND, "serve", "--demo"]
STDIO_PEER = ["--", sys.executable, str(PEER), "stdio"]
PATIENCE = 120.0

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(**variables: str) -> dict[str, str]:
    """The variables of this process without those that steer the command, and with further ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RACTO_")}
    return {**kept, "COLUMNS": "80", "LINES": "40", "NO_COLOR": "1", **variables}


@pytest.fixture
def command(tmp_path: Path) -> Run:
    """Runs ``racto-mcp`` as a process in a folder of its own, with nobody at the keyboard."""

    def run(
        *arguments: str | Path, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=tmp_path,
            env=environment(**variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def demo_command() -> list[str]:
    """The demonstration server as a local command line."""
    return DEMO


@pytest.fixture
def sdk_command() -> list[str]:
    """The peer written with the SDK as a local command line."""
    return STDIO_PEER


class Quick:
    """Runs the command in this process, which saves the time of its start."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        from racto.tools.mcp.cli import main

        given = [str(one) for one in arguments]
        self._capture.readouterr()
        code = main(given)
        out, err = self._capture.readouterr()
        return subprocess.CompletedProcess(given, code, out, err)


@pytest.fixture
def quick(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Quick:
    """Runs the command in this process."""
    monkeypatch.chdir(tmp_path)
    return Quick(capsys)


@pytest.fixture
def demo_url(web: Any) -> str:
    """The demonstration server over HTTP."""
    from racto.tools.mcp.cli.demo import demo_server

    return f"http://127.0.0.1:{web.serve(demo_server().get_asgi_app())}/mcp"


@pytest.fixture
def sdk_url(web: Any, sdk_peer: ModuleType) -> str:
    """The peer written with the SDK over HTTP."""
    return f"http://127.0.0.1:{web.serve(sdk_peer.make_server().streamable_http_app())}/mcp"


@pytest.fixture
def flawed_url(web: Any) -> str:
    """A server of the SDK with faults over HTTP."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("flawed", HERE / "servers" / "flawed.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return f"http://127.0.0.1:{web.serve(module.make_server().streamable_http_app())}/mcp"


class Terminal:
    """The command in a pseudo-terminal of 80 columns: what it shows, and what is typed.

    Args:
        arguments: Its command line.
        folder: Where it runs.
    """

    def __init__(self, arguments: list[str], folder: Path, **variables: str) -> None:
        import pty

        self._ours, theirs = pty.openpty()
        given = {**environment(TERM="xterm"), **variables}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            env=given,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # Ctrl-C reaches a command through its terminal.
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, pattern: str) -> str:
        """All that was shown, once a pattern has been."""
        until = time.monotonic() + PATIENCE
        while not re.search(pattern, self.shown):
            assert time.monotonic() < until, self.shown
            assert self._read(), self.shown
        return self.shown

    def type(self, text: str) -> None:
        """Type something; ``\\x03`` is Ctrl-C, ``\\x04`` Ctrl-D."""
        self.shown = ""
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Wait until the command ends, and return its exit code."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Make it end."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], PATIENCE)
        assert ready, self.shown
        # Reading fails when the last process has closed its side.
        try:
            piece = os.read(self._ours, 4096)
        except OSError:
            return False
        self.shown += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(piece)


def _take_terminal() -> None:
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.default_int_handler)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts the command in a terminal."""
    started: list[Terminal] = []

    def start(*arguments: str, **variables: str) -> Terminal:
        started.append(Terminal(list(arguments), tmp_path, **variables))
        return started[-1]

    yield start
    for one in started:
        one.close()
