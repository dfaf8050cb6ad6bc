"""racto-mcp serve: over both wires, to our client, to its end, and where it cannot begin."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

MODULE = '''
print("noise at import")

def greet(name: str) -> str:
    """Greet somebody."""
    print("noise in a call")
    return f"Hello {name}"
'''


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts ``racto-mcp serve`` over HTTP; the process and its URL."""
    (tmp_path / "mine.py").write_text(MODULE)
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "racto.tools.mcp.cli", "serve", "mine:greet", "--transport",
             "streamable-http", "--port", "0", *arguments],
            cwd=tmp_path, env={**os.environ, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        started.append(process)
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        url = next(found[0] for line in lines if (found := re.search(r"http://\S+/mcp", line)))
        return process, url

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_over_stdio_and_its_noise_stays_off_the_wire(command: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MODULE)
    ours = [sys.executable, "-m", "racto.tools.mcp.cli", "serve", "mine:greet"]
    done = command("call", "greet", "name=Ann", "-v", "--", *ours)
    assert (done.returncode, done.stdout) == (0, "Hello Ann\n"), done.stderr
    assert "noise at import" in done.stderr
    assert "noise in a call" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_over_http_until_ctrl_c(served: Any, quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    process, url = served("--token-env", "SESAME", SESAME="s-1")
    monkeypatch.setenv("SESAME", "s-1")
    assert quick("call", url, "greet", "name=Ann").returncode == 3
    done = quick("call", url, "greet", "name=Ann", "--token-env", "SESAME")
    assert (done.returncode, done.stdout) == (0, "Hello Ann\n"), done.stderr
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    # Over HTTP standard output is no wire, and what a tool prints stays where it was printed.
    assert out == "noise in a call\n"
    assert "Traceback" not in err


def test_a_port_that_is_taken(quick: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = quick("serve", "--demo", "--transport", "streamable-http", "--port", port)
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere:tools",), "there is no module 'nowhere'"),
        ((), "one of MODULE[:ATTRIBUTE] and --demo"),
        (("a:b", "--demo"), "one of MODULE[:ATTRIBUTE] and --demo"),
        (("--demo", "--port", "8000"), "--port is for HTTP"),
        (("--demo", "--port", "70000"), "'70000' is no port"),
        (("--demo", "--transport", "sse", "--token-env", "NO_SUCH"), "no variable NO_SUCH"),
        (
            ("--demo", "--transport", "streamable-http", "--host", "0.0.0.0"),
            "give --token-env",
        ),
    ],
)
def test_what_cannot_begin(quick: Any, arguments: tuple[str, ...], says: str) -> None:
    done = quick("serve", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
