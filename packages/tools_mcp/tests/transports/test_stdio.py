"""A child process: what it inherits, what it said, and its certain end."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import anyio
import pytest

from racto.core import ConfigurationError, InvalidResponseError
from racto.tools.mcp import MCPClientConfig
from racto.tools.mcp.transports.lastwords import LastWords
from racto.tools.mcp.transports.stdio import Child, environment


def child(program: str, **options: object) -> tuple[Child, LastWords]:
    """A transport to a small program."""
    config = MCPClientConfig(
        command=sys.executable,
        args=["-S", "-c", program],
        **options,  # type: ignore[arg-type]
    )
    words = LastWords("child")
    return Child(config, asyncio.Event(), last_words=words), words


def test_keys_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    found = environment(MCPClientConfig(command="x", env={"MINE": "1"}))
    assert "OPENAI_API_KEY" not in found
    assert (found["PATH"], found["LANG"], found["MINE"]) == (os.environ["PATH"], "C.UTF-8", "1")
    whole = environment(MCPClientConfig(command="x", inherit_env=True))
    assert whole["OPENAI_API_KEY"] == "sk-secret"


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    transport, _ = child("", cwd=tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="nowhere"):
        await transport.__aenter__()


async def test_last_words_and_the_exit_code() -> None:
    transport, words = child("import sys; print('one\\ntwo', file=sys.stderr); sys.exit(7)")
    async with transport as (reading, _):
        with pytest.raises(anyio.EndOfStream):
            await reading.receive()
        await asyncio.sleep(0.3)
    assert words.text() == "one\ntwo"
    assert words.ending == " (exit code 7)"


async def test_only_the_end_of_long_words_is_kept() -> None:
    transport, words = child(
        "import sys\nfor n in range(5000): print('line', n, 'x' * 900, file=sys.stderr)"
    )
    async with transport as (reading, _):
        with pytest.raises(anyio.EndOfStream):
            await reading.receive()
    lines = words.text().splitlines()
    assert len(lines) == 20
    assert lines[-1].startswith("line 4999 ")
    assert max(map(len, lines)) <= 500


async def test_a_line_without_end_is_refused() -> None:
    transport, _ = child(
        "import sys\nwhile True: sys.stdout.write('{' * 65536)", max_message_bytes=1_000_000
    )
    async with transport as (reading, _):
        with pytest.raises(InvalidResponseError, match="more than 1,000,000 bytes"):
            await reading.receive()


async def test_a_stubborn_family_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("racto.tools.mcp.transports.stdio._GRACE", 0.3)
    program = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pid = os.fork()\n"
        'if pid: print(\'{"jsonrpc": "2.0", "method": "child/%d"}\' % pid, flush=True)\n'
        "time.sleep(600)"
    )
    transport, _ = child(program)
    async with transport as (reading, _):
        item = await reading.receive()
        pid = int(item.message.method.partition("/")[2])  # type: ignore[union-attr]
        os.kill(pid, 0)
    for _ in range(250):
        if not _lives(pid):
            return
        await asyncio.sleep(0.02)
    pytest.fail("a child of the server is left")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
