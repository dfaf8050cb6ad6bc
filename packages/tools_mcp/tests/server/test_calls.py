"""Calls over the wire: results, failures, threads, limits, cancellation."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import threading
import time

import pytest
from mcp import MCPError

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    RactoFile,
    TextPart,
    ToolRegistry,
    ToolResultPart,
)
from racto.tools.mcp.server import RactoMCPServer, ServerLimits, ToolContext


class Database:
    """What an owner hands to his tools."""

    name = "main"


def words(result) -> str:
    return " ".join(block.text for block in result.content if block.type == "text")


async def test_failures_are_results_that_a_model_can_read(dial_all, caplog) -> None:
    server = RactoMCPServer("calls")

    @server.tool
    def fail(why: str) -> str:
        raise OSError(f"disk: {why}")

    @server.tool
    def leave() -> str:
        sys.exit(3)

    @server.tool
    def odd() -> object:
        return object()

    @server.tool
    def surrogate() -> str:
        return "\ud800"

    @server.tool
    def lie() -> int:
        return "many"  # type: ignore[return-value]

    caplog.set_level(logging.INFO, logger="racto.tools.mcp")
    async with dial_all(server) as client:
        for name, arguments, told in [
            ("nothing", {}, "There is no tool 'nothing'. Available tools: fail"),
            ("fail", {"why": 3}, "why: Input should be a valid string"),
            ("fail", {}, "required, but missing"),
            ("fail", {"why": "full"}, "OSError: disk: full"),
            ("leave", {}, "failed: SystemExit"),
            ("odd", {}, "cannot be sent"),
            ("surrogate", {}, "not valid Unicode"),
            ("lie", {}, "output schema does not allow"),
        ]:
            result = await client.call_tool(name, arguments)
            assert result.is_error, name
            assert told in words(result)
            assert "Traceback" not in words(result)
    logged = [record for record in caplog.records if record.name == "racto.tools.mcp"]
    assert any(record.exc_info and "disk: full" in caplog.text for record in logged)


async def test_content_parts_travel_as_content(dial) -> None:
    server = RactoMCPServer("calls")

    @server.tool
    def everything() -> list[object]:
        return [
            TextPart(text="see"),
            ImagePart(data=b"i", mime_type="image/png"),
            AudioPart(data=b"a", mime_type="audio/wav"),
            LinkPart(uri="file:///x", name="x"),
            DocumentPart(data=b"d", name="d.pdf"),
            RactoFile.from_bytes(b"plain", "text/plain", "note.txt"),
        ]

    @server.tool
    def marked() -> ToolResultPart:
        return ToolResultPart(tool_call_id="", content="no", is_error=True, structured={"code": 7})

    async with dial(server) as client:
        result = await client.call_tool("everything")
        kinds = [block.type for block in result.content]
        assert kinds == ["text", "image", "audio", "resource_link", "resource", "text"]
        result = await client.call_tool("marked")
        assert result.is_error
        assert result.structured_content == {"code": 7}


async def test_sync_tools_leave_the_loop_free(dial_modern) -> None:
    server = RactoMCPServer("calls")
    meet = threading.Barrier(3, timeout=10)

    @server.tool
    def together() -> bool:
        meet.wait()
        return threading.current_thread() is threading.main_thread()

    async with dial_modern(server) as client:
        results = await asyncio.gather(*(client.call_tool("together") for _ in range(3)))
    assert [result.structured_content for result in results] == [{"result": False}] * 3


async def test_only_so_many_run_at_once(dial_modern) -> None:
    limits = ServerLimits(max_concurrent_calls=2, max_waiting_calls=3)
    server = RactoMCPServer("calls", limits=limits)
    running, most, go = 0, 0, asyncio.Event()

    @server.tool
    async def work() -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        running -= 1
        return "done"

    async with dial_modern(server) as client:
        calls = [asyncio.create_task(client.call_tool("work")) for _ in range(8)]
        # Those for whom there is no place are answered while the others wait.
        for refused in itertools.islice(asyncio.as_completed(calls), 3):
            assert "busy" in words(await refused)
        go.set()
        results = await asyncio.gather(*calls)
    assert most == 2
    assert sum("busy" in words(result) for result in results) == 3


async def test_ten_megabytes_travel_and_more_is_told(dial_modern) -> None:
    server = RactoMCPServer("calls", limits=ServerLimits(max_result_bytes=11 * 2**20))

    @server.tool
    def big(megabytes: int) -> str:
        return "x" * (megabytes * 2**20)

    async with dial_modern(server) as client:
        assert len(words(await client.call_tool("big", {"megabytes": 10}))) == 10 * 2**20
        result = await client.call_tool("big", {"megabytes": 12})
        assert result.is_error
        assert "12,582,912 bytes" in words(result)


async def test_a_tool_that_takes_too_long_is_stopped(dial) -> None:
    server = RactoMCPServer("calls", limits=ServerLimits(tool_timeout=0.05))
    told = threading.Event()

    @server.tool
    async def sleep() -> str:
        await asyncio.sleep(60)
        return "never"

    @server.tool
    def spin(context: ToolContext) -> str:
        while not context.cancelled:
            time.sleep(0.005)
        told.set()
        return "late"

    async with dial(server) as client:
        assert "did not finish within 0.05 s" in words(await client.call_tool("sleep"))
        assert (await client.call_tool("spin")).is_error
        assert await asyncio.to_thread(told.wait, 5)


async def test_a_tool_that_will_not_stop_is_left_behind(dial_modern, caplog) -> None:
    server = RactoMCPServer("calls", limits=ServerLimits(tool_timeout=0.05))
    free = asyncio.Event()

    @server.tool
    async def stubborn() -> str:
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue
        return "at last"

    async with dial_modern(server) as client:
        assert "was stopped" in words(await client.call_tool("stubborn"))
        assert "goes on although its call is over" in caplog.text
        free.set()


async def test_a_cancelled_call_reaches_the_thread(dial_all) -> None:
    server = RactoMCPServer("calls")
    begun, stopped = threading.Event(), threading.Event()

    @server.tool
    def spin(context: ToolContext) -> str:
        begun.set()
        try:
            while True:
                context.check_cancelled()
                time.sleep(0.005)
        finally:
            stopped.set()

    async with dial_all(server) as client:
        call = asyncio.create_task(client.call_tool("spin"))
        assert await asyncio.to_thread(begun.wait, 10)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await asyncio.to_thread(stopped.wait, 10)


async def test_a_timeout_of_the_client_cancels_an_async_tool(dial_all) -> None:
    server = RactoMCPServer("calls")
    stopped = asyncio.Event()

    @server.tool
    async def forever() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return "never"

    async with dial_all(server) as client:
        with pytest.raises(MCPError):
            await client.call_tool("forever", read_timeout_seconds=0.2)
        await asyncio.wait_for(stopped.wait(), 10)


async def test_a_tool_that_cancels_itself_is_told(dial_modern) -> None:
    server = RactoMCPServer("calls")

    @server.tool
    async def suicidal() -> str:
        raise asyncio.CancelledError

    async with dial_modern(server) as client:
        assert "cancelled from inside" in words(await client.call_tool("suicidal"))


async def test_objects_of_the_owner_are_filled_in(dial_modern) -> None:
    server = RactoMCPServer("calls", context=[Database()])
    registry = ToolRegistry(injected=[dict])

    @server.tool
    def which(database: Database) -> str:
        return database.name

    @registry.register
    def lost(missing: dict) -> str:
        return "found"

    server.add_registry(registry)
    async with dial_modern(server) as client:
        assert words(await client.call_tool("which")) == "main"
        (schema, _) = [tool.input_schema for tool in (await client.list_tools()).tools]
        assert schema["properties"] == {}
        result = await client.call_tool("which", {"database": {"name": "evil"}})
        assert result.is_error
        result = await client.call_tool("lost")
        assert result.is_error
        assert "needs a dict" in words(result)
