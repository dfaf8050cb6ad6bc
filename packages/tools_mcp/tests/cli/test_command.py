"""racto-mcp from the outside: exit codes as its help promises them, and one line for an error."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def one_line(error: str) -> bool:
    return error.startswith("racto-mcp: ") and error.count("\n") == 1 and "Traceback" not in error


def test_a_tool_of_a_local_server(command: Run, sdk_command: list[str]) -> None:
    done = command("call", "add", "a=1", "b=2", *sdk_command)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_a_tool_of_a_server_with_an_address(command: Run, sdk_url: str) -> None:
    done = command("call", sdk_url, "weather", "city=Oslo", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["structured"] == {"city": "Oslo", "degrees": 21.5}


def test_a_local_server_that_dies_at_once_leaves_its_last_words(command: Run) -> None:
    program = "import sys; sys.exit('cannot read settings.toml')"
    done = command("list", "--", sys.executable, "-c", program)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("racto-mcp: MCP server")
    assert "cannot read settings.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_cancels_the_call_at_the_server(quick: Any, sdk_url: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "racto.tools.mcp.cli", "call", sdk_url, "slow", "seconds=60",
         "--json", "--progress"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["type"] == "progress"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "racto-mcp: interrupted\n"
    assert quick("call", sdk_url, "was_cancelled").stdout == "true\n"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="POSIX signals")
def test_a_command_that_is_told_to_end_ends_its_server(
    sdk_command: list[str], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "racto.tools.mcp.cli", "call", "slow", "seconds=60",
         "--json", "--progress", *sdk_command],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    server = (Path("/proc") / f"{process.pid}" / "task" / f"{process.pid}" / "children").read_text()
    assert server.strip()
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not any(Path(f"/proc/{pid}").exists() for pid in server.split())


def test_a_reader_that_has_seen_enough(sdk_command: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "racto.tools.mcp.cli", "call", "big", "size=3000000", *sdk_command],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.read(10) == b"x" * 10
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0


def test_verbose_shows_what_the_server_says(command: Run) -> None:
    program = "import sys; print('reading settings', file=sys.stderr); sys.exit(1)"
    quiet = command("list", "--", sys.executable, "-c", program)
    loud = command("list", "-v", "--", sys.executable, "-c", program)
    assert "[python" not in quiet.stderr
    assert "] reading settings" in loud.stderr
    traced = command("list", "-vv", "--", sys.executable, "-c", program)
    assert "Traceback (most recent call last)" in traced.stderr
    assert traced.returncode == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "COMMAND"),
        (("lists",), "invalid choice: 'lists'"),
        (("list",), "no server is named: give a URL"),
        (("list", "--"), "after -- comes the command line"),
        (("list", "http://127.0.0.1:1/mcp", "--colour"), "--colour; see: racto-mcp list --help"),
        (("call", "http://127.0.0.1:1/mcp"), "the name of the tool is missing"),
        (("read", "http://127.0.0.1:1/mcp", "a://b", "c"), "c is one word too many"),
        (("list", "http://127.0.0.1:1/mcp", "--token", "abc"), "everybody who runs ps"),
        (("list", "http://127.0.0.1:1/mcp", "--timeout", "soon"), "'soon' is no number of seconds"),
        (("inspect", "http://127.0.0.1:1/mcp", "--ignore", "rain"), "no kind of finding 'rain'"),
        (("serve", "--demo", "--", "x"), "no command line after --"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    quick: Any, arguments: tuple[str, ...], says: str
) -> None:
    done = quick(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr


def test_a_server_that_is_not_there_is_exit_code_3(quick: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = quick("list", f"http://127.0.0.1:{taken.getsockname()[1]}/mcp")
    assert done.returncode == 3
    assert one_line(done.stderr), done.stderr
    assert "no connection" in done.stderr


def test_a_program_that_is_not_there_is_exit_code_3(quick: Any) -> None:
    done = quick("list", "--", "no-such-program-here")
    assert done.returncode == 3
    assert one_line(done.stderr), done.stderr
    assert "is it installed" in done.stderr


def test_a_server_that_asks_for_a_token(web: Any, quick: Any, tmp_path: Path) -> None:
    from racto.tools.mcp.cli.demo import demo_server

    app = demo_server(auth={"sesame": "me"}).get_asgi_app()
    url = f"http://127.0.0.1:{web.serve(app)}/mcp"
    refused = quick("list", url)
    assert refused.returncode == 3
    assert one_line(refused.stderr), refused.stderr
    assert "--token-env" in refused.stderr
    (tmp_path / "token").write_text("sesame\n")
    assert quick("list", url, "--token-file", tmp_path / "token").returncode == 0
    assert quick("list", url, "--header", "Authorization: Bearer sesame").returncode == 0


def test_help_and_version(quick: Any) -> None:
    assert "exit codes:" in quick("--help").stdout
    for name in ("list", "call", "read", "prompt", "inspect", "serve"):
        done = quick(name, "--help")
        assert done.returncode == 0
        assert "examples:" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 100
    assert quick("--version").stdout.startswith("racto-mcp 0.")


def test_no_library_is_loaded_for_help() -> None:
    program = (
        "import sys\nfrom racto.tools.mcp.cli import main\nmain(['--help'])\n"
        "print(sorted({'mcp', 'httpx2', 'starlette', 'uvicorn'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
