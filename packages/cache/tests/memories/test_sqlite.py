"""The memory in a file: kept over restarts, shared by processes, and clean."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from racto.cache import ChatMemoryConfig, SQLiteChatMemory
from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.errors import StoreClosedError
from racto.core.messages import Message

_WRITER = """
import sys
from racto.cache import ChatMemoryConfig, SQLiteChatMemory

with SQLiteChatMemory(sys.argv[1], ChatMemoryConfig(max_turns=500)) as memory:
    for number in range(50):
        memory.append("shared", "user", f"{sys.argv[2]} {number}")
"""


def test_it_outlives_its_process(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    turns = [
        Message.assistant(tool_calls=[ToolCallResult(id="a", name="see")]),
        Message.tool([ToolResultPart(tool_call_id="a", content="rain")]),
    ]
    with SQLiteChatMemory(path) as memory:
        memory.extend("c", turns)
    with SQLiteChatMemory(path) as memory:
        assert memory.messages("c") == turns
    assert [each.name for each in tmp_path.iterdir()] == ["memory.db"]


def test_two_processes_share_one_file(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.db")
    command = [sys.executable, "-c", _WRITER, path]
    writers = [subprocess.Popen([*command, name]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with SQLiteChatMemory(path, ChatMemoryConfig(max_turns=500)) as memory:
        found = [turn.text.split() for turn in memory.messages("shared")]
    for name in ("one", "two"):
        assert [int(number) for whose, number in found if whose == name] == list(range(50))


def test_time_to_live_begins_anew_and_the_rest_is_swept(tmp_path: Path) -> None:
    now = [1_000.0]
    config = ChatMemoryConfig(ttl_seconds=0.5)
    with SQLiteChatMemory(tmp_path / "m.db", config, clock=lambda: now[0]) as memory:
        memory.append("c", "user", "1")
        now[0] += 0.4
        memory.append("c", "user", "2")
        now[0] += 0.4
        assert memory.count("c") == 2
        now[0] += 0.2
        assert memory.count("c") == 0
        assert memory.messages("c") == []
        memory.append("d", "user", "3")
        with memory._database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM records").fetchone() == (1,)


def test_ids_are_any_text() -> None:
    with SQLiteChatMemory(":memory:") as memory:
        for name in ("", "'; DROP TABLE records", "\x00", "\ud800", "x" * 10_000):
            memory.append(name, "user", name[:5].encode("ascii", "replace").decode())
            assert memory.count(name) == 1


def test_it_closes_cleanly(tmp_path: Path) -> None:
    async def use() -> None:
        async with SQLiteChatMemory(tmp_path / "memory.db") as memory:
            await asyncio.gather(*(memory.aappend("c", "user", str(i)) for i in range(10)))
            assert await memory.acount("c") == 10
        with pytest.raises(StoreClosedError):
            await memory.acount("c")

    asyncio.run(use())
