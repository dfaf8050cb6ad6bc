"""Clients that are closed twice, used too late, shared, cancelled or forgotten leave nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from racto.core import APIConnectionError, RactoGatewayError, ToolCallResult
from racto.tools.mcp import RactoMCPClient
from racto.tools.mcp.failures import ConnectionClosedError


async def test_closing_twice_and_opening_again(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    await client.aclose()
    await client.aopen()
    await client.aopen()
    await client.aclose()
    await client.aclose()
    assert client.state == "closed"
    assert hostile.all_gone()
    await client.aopen()
    assert (await client.call_tool("cancelled")).content == "[]"
    await client.aclose()
    assert len(hostile.starts) == 2


def test_closing_twice_and_opening_again_without_a_loop(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    client.close()
    client.open()
    client.open()
    client.close()
    client.close()
    assert client.state == "closed"
    assert hostile.all_gone()
    with client:
        assert client.call_tool_sync("cancelled").content == "[]"
    assert len(hostile.starts) == 2


async def test_use_outside_the_block_is_an_error_that_says_so(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    with pytest.raises(ConnectionClosedError, match="hangs"):
        await client.call_tool("cancelled")
    async with client:
        pass
    for use in (client.list_tools(), client.call_tool("cancelled"), client.ping()):
        with pytest.raises(ConnectionClosedError):
            await use
    with pytest.raises(RuntimeError):
        await client.list_tools()
    with pytest.raises(ConnectionClosedError):
        _ = client.server
    assert len(hostile.starts) == 1


def test_a_sync_call_outside_the_block_has_a_session_for_itself(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    for count in (1, 2):
        assert client.call_tool_sync("cancelled").content == "[]"
        assert client.state == "closed"
        assert hostile.all_gone()
        assert len(hostile.starts) == count


async def test_a_registry_outside_the_block_opens_the_session_again(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    async with client:
        registry = await client.to_registry()
    assert hostile.all_gone()
    for _ in range(2):
        outcome = await registry.aexecute(ToolCallResult(id="c", name="cancelled", arguments={}))
        assert outcome.content == "[]"
    assert len(hostile.starts) == 2
    await client.aclose()


async def test_closing_ends_the_calls_in_flight(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    await client.aopen()
    waiting = [asyncio.create_task(client.call_tool("hang")) for _ in range(5)]
    assert await hostile.until(lambda: len(hostile.received("tools/call")) >= 5)
    await client.aclose()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, APIConnectionError) for outcome in outcomes)
    assert client.state == "closed"
    assert hostile.all_gone()
    assert len(hostile.starts) == 1


async def test_closing_from_another_task_than_the_one_that_opened(hostile: Any) -> None:
    client = RactoMCPClient(hostile("hangs"))
    await asyncio.create_task(client.aopen())
    assert (await asyncio.create_task(client.call_tool("cancelled"))).content == "[]"
    await asyncio.create_task(client.aclose())
    assert hostile.all_gone()


async def test_one_session_serves_many_tasks_at_once(hostile: Any) -> None:
    async with RactoMCPClient(hostile("strays")) as client:
        results = await asyncio.gather(*(client.call_tool("pid") for _ in range(100)))
    assert {result.content for result in results} == {str(hostile.starts[0])}
    assert len(hostile.starts) == 1


def test_one_session_serves_many_threads_at_once(hostile: Any) -> None:
    with RactoMCPClient(hostile("strays")) as client, ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: client.call_tool_sync("pid").content, range(100)))
    assert set(results) == {str(hostile.starts[0])}
    assert len(hostile.starts) == 1


async def test_one_session_serves_other_loops_and_threads(hostile: Any) -> None:
    async def elsewhere(client: RactoMCPClient) -> str:
        return (await client.call_tool("pid")).content

    async with RactoMCPClient(hostile("strays")) as client:
        uses = [
            client.call_tool("pid"),
            asyncio.to_thread(lambda: asyncio.run(elsewhere(client))),
            asyncio.to_thread(client.call_tool_sync, "pid"),
            asyncio.to_thread(lambda: asyncio.run(elsewhere(client))),
        ]
        results = [getattr(made, "content", made) for made in await asyncio.gather(*uses)]
    assert set(results) == {str(hostile.starts[0])}


def test_a_sync_client_serves_a_running_loop(hostile: Any) -> None:
    with RactoMCPClient(hostile("strays")) as client:

        async def use() -> set[str]:
            results = await asyncio.gather(*(client.call_tool("pid") for _ in range(5)))
            blocking = client.call_tool_sync("pid")
            return {result.content for result in results} | {blocking.content}

        assert asyncio.run(use()) == {str(hostile.starts[0])}
        # The first loop is gone, and another one is served as well.
        assert asyncio.run(use()) == {str(hostile.starts[0])}


async def test_opening_from_many_tasks_opens_once(hostile: Any) -> None:
    client = RactoMCPClient(hostile("strays"))
    await asyncio.gather(*(client.aopen() for _ in range(10)))
    assert (await client.call_tool("echo")).content == "echo"
    await asyncio.gather(*(client.aclose() for _ in range(10)))
    assert len(hostile.starts) == 1


async def test_a_cancelled_call_is_cancelled_at_the_server(hostile: Any) -> None:
    async with RactoMCPClient(hostile("hangs")) as client:
        call = asyncio.create_task(client.call_tool("hang"))
        assert await hostile.until(lambda: hostile.received("tools/call"))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        (sent,) = hostile.received("tools/call")
        assert json.loads((await client.call_tool("cancelled")).content) == [sent["id"]]
        assert client.state == "open"


async def test_a_call_cancelled_on_another_loop_is_cancelled_at_the_server(hostile: Any) -> None:
    async with RactoMCPClient(hostile("hangs")) as client:

        async def give_up() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.call_tool("hang"), 0.5)

        await asyncio.to_thread(lambda: asyncio.run(give_up()))
        (sent,) = hostile.received("tools/call")
        assert json.loads((await client.call_tool("cancelled")).content) == [sent["id"]]


async def test_cancelling_the_owner_of_the_block_closes(hostile: Any) -> None:
    async def own() -> None:
        async with RactoMCPClient(hostile("stubborn")) as client:
            await client.call_tool("pid")
            await asyncio.sleep(600)

    task = asyncio.create_task(own())
    assert await hostile.until(lambda: hostile.received("tools/call"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not hostile.running()


@pytest.mark.parametrize("program", ["silent", "stubborn", "strays"])
@pytest.mark.parametrize("after", [0.0, 0.05])
async def test_a_cancelled_opening_leaves_nothing(hostile: Any, program: str, after: float) -> None:
    client = RactoMCPClient(hostile(program))
    opening = asyncio.create_task(client.aopen())
    await asyncio.sleep(after)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await client.aclose()
    assert hostile.all_gone()


async def test_a_cancelled_opening_does_not_spoil_that_of_others(hostile: Any) -> None:
    client = RactoMCPClient(hostile("strays"))
    first, second = (asyncio.create_task(client.aopen()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert not isinstance(outcomes[1], asyncio.CancelledError)
    assert (await client.call_tool("echo")).content == "echo"
    await client.aclose()


async def test_closing_while_it_opens(hostile: Any) -> None:
    client = RactoMCPClient(hostile("silent"))
    opening = asyncio.create_task(client.aopen())
    assert await hostile.until(lambda: hostile.starts)
    await client.aclose()
    (outcome,) = await asyncio.gather(opening, return_exceptions=True)
    assert isinstance(outcome, RactoGatewayError | asyncio.CancelledError)
    assert hostile.all_gone()


async def test_closing_while_it_reconnects(hostile: Any, tmp_path: Any) -> None:
    async with RactoMCPClient(hostile("dies_again", str(tmp_path / "been"))) as client:
        with pytest.raises(APIConnectionError):
            await client.call_tool("die")
        again = asyncio.create_task(client.call_tool("pid"))
        await asyncio.sleep(0.01)
    (outcome,) = await asyncio.gather(again, return_exceptions=True)
    assert isinstance(outcome, APIConnectionError), repr(outcome)
    assert client.state == "closed"


async def test_a_forgotten_client_is_closed_by_the_collector(hostile: Any) -> None:
    client = RactoMCPClient(hostile("strays"))
    await client.aopen()
    await client.call_tool("echo")
    del client
    for _ in range(3):
        gc.collect()
        await asyncio.sleep(0.05)
    assert await hostile.until(lambda: not hostile.running())


def test_a_forgotten_sync_client_is_closed_by_the_collector(hostile: Any) -> None:
    client = RactoMCPClient(hostile("strays"))
    client.open()
    client.call_tool_sync("echo")
    del client
    gc.collect()
    assert hostile.all_gone()


ENDINGS = {
    "sync": "client.open(); client.call_tool_sync('pid')",
    "async": """
async def main():
    await client.aopen()
    await client.call_tool('pid')
asyncio.run(main())
""",
    "thread": """
def work():
    client.open()
    client.call_tool_sync('pid')
thread = threading.Thread(target=work)
thread.start()
thread.join()
""",
    "exit": "client.open(); client.call_tool_sync('pid'); sys.exit(0)",
    "in_call": """
def work():
    try:
        client.call_tool_sync('hang')
    except APIConnectionError:
        return
client.open()
client.list_tools_sync()
threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
""",
}
START = """
import asyncio, sys, threading, time
from racto.core import APIConnectionError
from racto.tools.mcp import MCPClientConfig, RactoMCPClient
client = RactoMCPClient(MCPClientConfig.model_validate_json(sys.argv[1]))
"""


@pytest.mark.parametrize("program", ["hangs", "stubborn"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_end_of_the_interpreter_ends_the_servers(
    hostile: Any, ending: str, program: str
) -> None:
    config = hostile(program).model_dump_json(exclude={"reconnect"})
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", START + ENDINGS[ending], config],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(hostile.starts) == 1
    assert hostile.all_gone()


def test_threads_that_open_and_close_at_random_leave_nothing(hostile: Any) -> None:
    client = RactoMCPClient(hostile("strays"))
    surprises: list[BaseException] = []

    def work() -> None:
        for _ in range(5):
            try:
                client.open()
                client.call_tool_sync("echo")
                client.close()
            except (APIConnectionError, ConnectionClosedError):
                continue
            except BaseException as error:
                surprises.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    assert not surprises
    assert hostile.all_gone()
