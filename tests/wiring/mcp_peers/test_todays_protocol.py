"""A server on the TypeScript SDK alone, in the stateless protocol of today: stdio and HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from node_peers import NodePeers
from racto.core import RactoGatewayAPIError, RactoGatewayTimeoutError, ToolCallResult
from racto.tools.mcp import Elicitation, Interactions, MCPClientConfig, RactoMCPClient
from services import free_port

from .conftest import running

SERVER = Path(__file__).with_name("todays_server.mjs")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["stdio", "streamable-http"])
def config(
    request: pytest.FixtureRequest, peers: NodePeers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MCPClientConfig]:
    command = [str(peers.node), str(SERVER), str(peers.packages)]
    if request.param == "stdio":
        yield MCPClientConfig(name="todays", command=command[0], args=command[1:])
        return
    port, log = free_port(), tmp_path_factory.mktemp("todays") / "log"
    with running(command, port, log, RACTO_LISTEN=str(port)):
        url = f"http://127.0.0.1:{port}/mcp"
        yield MCPClientConfig(name="todays", transport="streamable-http", url=url)


async def test_todays_protocol_is_found_and_all_offers_with_it(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        assert client.server.protocol == "2026-07-28"
        assert (client.server.name, client.server.version) == ("todays", "3.2.1")
        assert client.server.instructions == "Be brief."
        names = [schema.name for schema in await client.list_tools()]
        assert names == ["echo", "weather", "fail", "steps", "wait", "ask"]
        (note,) = await client.list_resources()
        (text,) = await client.read_resource(note.uri)
        assert text.text == "Buy milk."
        (prompt,) = await client.list_prompts()
        (message,) = await client.get_prompt(prompt.name, {"name": "Ada"})
        assert message.content[0].text == "Greet Ada."
        assert await client.ping() > 0


async def test_tools_answer_fail_and_run_side_by_side(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        weather = await client.call_tool("weather", {"place": "Bern"})
        assert weather.structured == {"place": "Bern", "celsius": 21.5}
        failed = await client.call_tool("fail")
        assert (failed.is_error, failed.content) == (True, "the disk is full")
        assert (await client.call_tool("echo", {"word": 7})).is_error
        with pytest.raises(RactoGatewayAPIError, match="nothing"):
            await client.call_tool("nothing")
        registry = await client.to_registry()
        calls = (
            registry.aexecute(ToolCallResult(id="c", name="echo", arguments={"word": f"w{n}"}))
            for n in range(20)
        )
        assert [result.content for result in await asyncio.gather(*calls)] == [
            f"w{n}" for n in range(20)
        ]


async def test_progress_comes_before_the_answer(config: MCPClientConfig) -> None:
    steps: list[tuple[float, float | None, str]] = []
    async with RactoMCPClient(config) as client:
        result = await client.call_tool("steps", on_progress=lambda *step: steps.append(step))
    assert result.content == "done"
    assert steps == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]


async def test_a_call_that_takes_too_long_leaves_the_session_open(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        with pytest.raises(RactoGatewayTimeoutError):
            await client.call_tool("wait", timeout=0.5)
        assert (await client.call_tool("echo", {"word": "on"})).content == "on"


async def test_a_question_in_the_middle_of_a_call(config: MCPClientConfig) -> None:
    answers = [Elicitation.accept({"name": "Ada"}), Elicitation.decline()]
    given = Interactions(elicit=lambda question: answers.pop(0))
    async with RactoMCPClient(config, interactions=given) as client:
        assert (await client.call_tool("ask")).content == "Hello, Ada."
        assert (await client.call_tool("ask")).content == "Nobody said."


def test_the_sync_voice(config: MCPClientConfig) -> None:
    given = Interactions(elicit=lambda question: Elicitation.accept({"name": "Ada"}))
    with RactoMCPClient(config, interactions=given) as client:
        assert client.call_tool_sync("echo", {"word": "hi"}).content == "hi"
        assert client.call_tool_sync("ask").content == "Hello, Ada."
        assert client.read_resource_sync("notes://today")[0].text == "Buy milk."
