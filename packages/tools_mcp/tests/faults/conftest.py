"""Hostile servers for the tests of faults, and a check that none of their processes stays."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from racto.core import RetryPolicy
from racto.tools.mcp import MCPClientConfig

PROGRAMS = Path(__file__).resolve().parent.parent / "hostile"
PATIENCE = 20.0


def eventually(check: Callable[[], Any]) -> bool:
    """Whether something becomes true before patience ends."""
    until = time.monotonic() + PATIENCE
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class Hostile:
    """Makes configurations of hostile programs, and knows what they saw and which still run.

    Args:
        folder: Where their log goes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.log = folder / "seen.jsonl"
        self.env = {"HOSTILE_LOG": str(self.log), "HOSTILE_MARK": self.mark}

    def __call__(self, program: str, *args: str, **options: Any) -> MCPClientConfig:
        """The configuration of a client that starts a program."""
        # Without the site module a server starts in a third of the time.
        command = ["-S", str(PROGRAMS / f"{program}.py"), *args]
        quick = RetryPolicy(attempts=2, base=0.01, maximum=0.02)
        given = {"timeout": PATIENCE, "open_timeout": PATIENCE, "reconnect": quick}
        given |= {"name": program, "protocol": "handshake"}
        return MCPClientConfig(
            command=sys.executable, args=command, env=self.env, **(given | options)
        )

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the programs noted."""
        if not self.log.exists():
            return []
        # The last line may still be on its way.
        lines = self.log.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    @property
    def starts(self) -> list[int]:
        """The processes that were started, in order."""
        return [event["pid"] for event in self.events if "started" in event]

    def received(self, method: str) -> list[dict[str, Any]]:
        """The messages with a method that the programs read."""
        messages = [event["message"] for event in self.events if "message" in event]
        return [message for message in messages if message.get("method") == method]

    def running(self) -> list[int]:
        """The processes of the programs and their children that are there."""
        needle = f"HOSTILE_MARK={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                held = (entry / "environ").read_bytes()
            except OSError:
                continue
            if needle in held:
                found.append(int(entry.name))
        return found

    async def until(self, check: Callable[[], Any]) -> bool:
        """Whether something becomes true before patience ends, while the loop goes on."""
        return await asyncio.to_thread(eventually, check)

    def all_gone(self) -> bool:
        """Whether all processes end before patience does."""
        return eventually(lambda: not self.running())

    @contextmanager
    def web(self) -> Iterator[str]:
        """Run the program that speaks HTTP; the address of its root."""
        command = [sys.executable, "-S", str(PROGRAMS / "web.py")]
        with subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            try:
                yield f"http://127.0.0.1:{int(server.stdout.readline())}"
            finally:
                server.kill()


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Hostile]:
    made = Hostile(tmp_path)
    yield made
    assert made.all_gone(), f"processes were left behind: {made.running()}"
