"""Standard streams: prints that do not garble, garbage that is answered, tools that hang."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

SERVED = """
import os, subprocess, sys, time
from racto.tools.mcp.server import RactoMCPServer, ServerLimits, ToolContext

server = RactoMCPServer("stdio", limits=ServerLimits(max_request_bytes=200_000))

@server.tool
def noisy(words: str) -> str:
    print(words)
    sys.stdout.write("more\\n")
    sys.stdout.flush()
    os.write(1, b"raw\\n")
    subprocess.run([sys.executable, "-c", "print('child', repr(input()) if 0 else '')"], check=True)
    return sys.stdin.read() + words

@server.tool
def big(size: int) -> str:
    return "x" * size

@server.tool
async def quick(number: int, context: ToolContext) -> int:
    await context.areport_progress(1, 1)
    return number

@server.tool
def hang() -> str:
    time.sleep(3600)
    return "never"

server.run()
"""


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_tools_over_stdio(script: Any, mode: str) -> None:
    async with Client(script(SERVED), mode=mode) as client:
        assert len((await client.list_tools()).tools) == 4
        assert (await client.call_tool("noisy", {"words": "hello"})).content[0].text == "hello"
        result = await client.call_tool("big", {"size": 10 * 2**20})
        assert len(result.content[0].text) == 10 * 2**20
        results = await asyncio.gather(
            *(client.call_tool("quick", {"number": number}) for number in range(50))
        )
        assert [r.structured_content["result"] for r in results] == list(range(50))
        result = await client.call_tool("big", {"size": "x" * 100_000})
        assert result.is_error


def conversation(tmp_path: Path, lines: list[bytes], *, replies: int) -> tuple[list[Any], int]:
    path = tmp_path / "served.py"
    path.write_text(SERVED)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, str(path)], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # A watchdog: a server that answers less must fail the test, not hang it.
        alarm = threading.Timer(110, process.kill)
        alarm.start()
        process.stdin.write(b"".join(lines))
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(replies)]
        process.stdin.close()
        code = process.wait(timeout=120)
        alarm.cancel()
    return answers, code


PING = b'{"jsonrpc":"2.0","id":"ping","method":"ping"}\n'
HELLO = (
    json.dumps(
        {
            "jsonrpc": "2.0",
            "id": "hello",
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "x", "version": "1"},
            },
        }
    ).encode()
    + b"\n"
)


def test_garbage_and_large_messages_are_answered_and_survived(tmp_path: Path) -> None:
    lines = [
        b"garbage\n", b"\n", b"\xff\xfe\n", b'{"jsonrpc":"2.0"}\n', b"[" * 5000 + b"\n",
        b"x" * 300_000 + b"\n", HELLO, PING,
    ]  # fmt: skip
    answers, code = conversation(tmp_path, lines, replies=7)
    assert code == 0
    assert [answer.get("error", {}).get("code") for answer in answers[:5]] == [-32700] * 5
    assert "longer than 200000 bytes" in answers[4]["error"]["message"]
    assert [answer["id"] for answer in answers[5:]] == ["hello", "ping"]


def test_a_tool_that_never_returns_does_not_keep_the_process(tmp_path: Path) -> None:
    call = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "hang"}}
    lines = [HELLO, json.dumps(call).encode() + b"\n", PING]
    answers, code = conversation(tmp_path, lines, replies=2)
    assert [answer["id"] for answer in answers] == ["hello", "ping"]
    assert code == 0


def test_input_may_be_a_file(tmp_path: Path) -> None:
    path, talk = tmp_path / "served.py", tmp_path / "talk.jsonl"
    path.write_text(SERVED)
    talk.write_bytes(HELLO + PING.rstrip())
    with talk.open("rb") as source:
        done = subprocess.run(
            [sys.executable, str(path)], stdin=source, capture_output=True, timeout=120, check=True
        )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["hello", "ping"]


CANCELLED = """
import asyncio, sys
from racto.core import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer

async def main():
    server = RactoMCPServer("stdio")
    task = asyncio.create_task(server.arun())
    await asyncio.sleep(0.3)
    try:
        await RactoMCPServer("second").arun()
    except ConfigurationError as error:
        print("second:", error, file=sys.stderr)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")

asyncio.run(main())
print(repr(input()))
"""


def test_cancelled_it_gives_the_streams_back(tmp_path: Path) -> None:
    path = tmp_path / "cancelled.py"
    path.write_text(CANCELLED)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-W", "error", str(path)], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "cancelled\n"
        out, err = process.communicate("still here\n", timeout=120)
    assert out == "'still here'\n"
    assert "second: another server of this process" in err
