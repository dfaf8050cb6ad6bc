"""Servers that die, hang or will not die: each call ends, the next one works, nothing stays."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    ConfigurationError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RetryPolicy,
)
from racto.tools.mcp import MCPClientConfig, RactoMCPClient


async def test_a_server_killed_in_mid_call_is_started_again_by_the_next_call(hostile: Any) -> None:
    async with RactoMCPClient(hostile("dies_in_call")) as client:
        first = await client.call_tool("pid")
        with pytest.raises(APIConnectionError, match="dies_in_call"):
            await client.call_tool("die")
        assert client.state == "lost"
        assert isinstance(client.error, APIConnectionError)
        second = await client.call_tool("pid")
        assert client.state == "open"
        assert client.error is None
    assert [first.content, second.content] == [str(pid) for pid in hostile.starts]


async def test_a_call_that_may_have_had_effects_is_not_made_again(hostile: Any) -> None:
    async with RactoMCPClient(hostile("dies_in_call")) as client:
        with pytest.raises(APIConnectionError):
            await client.call_tool("die")
    calls = hostile.received("tools/call")
    assert [call["params"]["name"] for call in calls] == ["die"]


async def test_half_an_answer_is_no_answer(hostile: Any) -> None:
    async with RactoMCPClient(hostile("dies_in_call")) as client:
        with pytest.raises(APIConnectionError):
            await client.call_tool("half")
        assert (await client.call_tool("pid")).content == str(hostile.starts[1])


async def test_a_server_killed_between_two_calls_is_not_noticed_by_the_user(hostile: Any) -> None:
    async with RactoMCPClient(hostile("dies_in_call")) as client:
        first = int((await client.call_tool("pid")).content)
        os.kill(first, signal.SIGKILL)
        assert await hostile.until(lambda: client.state != "open")
        assert client.state == "lost"
        assert int((await client.call_tool("pid")).content) != first


async def test_all_calls_in_flight_end_when_the_server_dies(hostile: Any) -> None:
    async with RactoMCPClient(hostile("hangs")) as client:
        waiting = [asyncio.create_task(client.call_tool("hang")) for _ in range(20)]
        assert await hostile.until(lambda: len(hostile.received("tools/call")) >= 20)
        os.kill(hostile.starts[0], signal.SIGKILL)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {APIConnectionError}
        # They all come back at once, and share the new session.
        again = await asyncio.gather(*(client.call_tool("pid") for _ in range(20)))
    assert {result.content for result in again} == {str(hostile.starts[1])}
    assert len(hostile.starts) == 2


def test_the_sync_voice_comes_back_too(hostile: Any) -> None:
    with RactoMCPClient(hostile("dies_in_call")) as client:
        with pytest.raises(APIConnectionError):
            client.call_tool_sync("die")
        assert client.call_tool_sync("pid").content == str(hostile.starts[1])


async def test_a_server_that_dies_at_once_says_why(hostile: Any) -> None:
    client = RactoMCPClient(hostile("dies_at_start"))
    with pytest.raises(APIConnectionError, match="the licence file is missing"):
        await client.aopen()
    assert client.state in ("closed", "failed")
    await client.aclose()


async def test_a_server_that_never_answers_is_given_up(hostile: Any) -> None:
    client = RactoMCPClient(hostile("silent", open_timeout=0.5))
    with pytest.raises(RactoGatewayTimeoutError, match="open_timeout"):
        await client.aopen()
    assert hostile.all_gone()
    await client.aclose()


@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
async def test_silence_ends_in_every_protocol(hostile: Any, protocol: str) -> None:
    # Where nothing is agreed on at first, the silence is met by the first call.
    config = hostile("silent", open_timeout=1.0, timeout=1.0, protocol=protocol)
    with pytest.raises(RactoGatewayTimeoutError):
        async with RactoMCPClient(config) as client:
            await client.call_tool("anything")


async def test_what_is_no_program_is_an_error_in_the_configuration(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no program")
    for config in (
        MCPClientConfig(command="no-such-program-anywhere"),
        MCPClientConfig(command=str(text)),
        MCPClientConfig(command=sys.executable, cwd=tmp_path / "no" / "folder"),
        MCPClientConfig(command="bad\0name"),
    ):
        with pytest.raises(ConfigurationError, match="cannot be started"):
            await RactoMCPClient(config).aopen()


async def test_pauses_grow_while_a_server_crashes_in_a_loop(hostile: Any, tmp_path: Path) -> None:
    policy = RetryPolicy(attempts=4, base=0.2, multiplier=2.0, jitter="none")
    config = hostile("dies_again", str(tmp_path / "been"), reconnect=policy)
    moments: list[float] = []
    async with RactoMCPClient(config) as client:
        with pytest.raises(APIConnectionError):
            await client.call_tool("die")

        async def watch() -> None:
            loop, seen = asyncio.get_running_loop(), 1
            while True:
                if len(hostile.starts) > seen:
                    seen += 1
                    moments.append(loop.time())
                await asyncio.sleep(0.005)

        watching = asyncio.create_task(watch())
        with pytest.raises(APIConnectionError, match="the port is taken"):
            await client.call_tool("pid")
        await asyncio.sleep(0.05)
        watching.cancel()
        assert client.state == "failed"
        assert len(hostile.starts) == 1 + policy.attempts
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    # A busy machine only makes them longer, so each is held to its lower bound alone.
    assert len(pauses) == 3
    for number, pause in enumerate(pauses, start=1):
        assert pause >= policy.cap(number) * 0.9


async def test_many_callers_of_a_dead_server_do_not_each_start_it(
    hostile: Any, tmp_path: Path
) -> None:
    async with RactoMCPClient(hostile("dies_again", str(tmp_path / "been"))) as client:
        with pytest.raises(APIConnectionError):
            await client.call_tool("die")
        callers = (client.call_tool("pid") for _ in range(10))
        outcomes = await asyncio.gather(*callers, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {APIConnectionError}
    assert len(hostile.starts) <= 1 + 2 * 2


async def test_a_server_and_children_that_ignore_signals_end_with_the_session(hostile: Any) -> None:
    async with RactoMCPClient(hostile("stubborn")) as client:
        assert (await client.call_tool("pid")).content
        assert len(hostile.running()) == 3
    assert hostile.all_gone()


def test_a_stubborn_server_ends_in_the_sync_voice_too(hostile: Any) -> None:
    with RactoMCPClient(hostile("stubborn")) as client:
        client.call_tool_sync("pid")
    assert hostile.all_gone()


async def test_a_child_that_holds_the_pipes_does_not_hide_the_death_of_its_parent(
    hostile: Any,
) -> None:
    async with RactoMCPClient(hostile("leaves", timeout=3.0)) as client:
        with pytest.raises(RactoGatewayError):
            await client.call_tool("leave")
    assert hostile.all_gone()


async def test_a_server_that_stops_reading_stops_nobody(hostile: Any) -> None:
    async with RactoMCPClient(hostile("deaf", timeout=1.0)) as client:
        deafened = asyncio.create_task(client.call_tool("deafen"))
        assert await hostile.until(lambda: hostile.received("tools/call"))
        # More than any pipe holds: the writes wait, and the calls still end.
        big = (client.call_tool("pid", {"words": "x" * 1_000_000}) for _ in range(3))
        outcomes = await asyncio.gather(deafened, *big, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {RactoGatewayTimeoutError}
    assert hostile.all_gone()


async def test_a_tool_that_never_returns_is_cancelled_at_the_server(hostile: Any) -> None:
    async with RactoMCPClient(hostile("hangs")) as client:
        with pytest.raises(RactoGatewayTimeoutError, match="hang"):
            await client.call_tool("hang", timeout=0.3)
        (call,) = hostile.received("tools/call")
        assert json.loads((await client.call_tool("cancelled")).content) == [call["id"]]
        assert client.state == "open"
    assert len(hostile.starts) == 1


async def test_an_answer_that_comes_after_the_cancellation_is_dropped(hostile: Any) -> None:
    async with RactoMCPClient(hostile("hangs")) as client:
        with pytest.raises(RactoGatewayTimeoutError):
            await client.call_tool("late", timeout=0.3)
        result = await client.call_tool("cancelled")
        assert result.content != "too late"
        assert len(json.loads(result.content)) == 1


def test_a_timeout_of_the_sync_voice_is_sent_to_the_server(hostile: Any) -> None:
    with RactoMCPClient(hostile("hangs", timeout=0.3)) as client:
        with pytest.raises(RactoGatewayTimeoutError):
            client.call_tool_sync("hang")
        assert len(json.loads(client.call_tool_sync("cancelled").content)) == 1
