"""Many servers as one: opened together, routed by name, none able to sink the others."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest
from mcp.server.mcpserver import MCPServer

from racto.core import APIConnectionError, ConfigurationError, ToolCallResult, ToolNotFoundError
from racto.tools.mcp import ConnectionClosedError, MCPClientConfig, MCPMultiClient

Make = Callable[..., MCPClientConfig]


@pytest.fixture
def named(web: Any) -> Make:
    """Makes servers over HTTP whose tools say which server they belong to."""

    def make(label: str, *tools: str) -> MCPClientConfig:
        server = MCPServer(label)
        for tool in tools:
            server.add_tool(_telling(f"{label}.{tool}"), name=tool)
        port = web.serve(server.streamable_http_app())
        return MCPClientConfig.from_target(f"http://127.0.0.1:{port}/mcp", name=label)

    return make


def _telling(who: str) -> Callable[..., Any]:
    async def tell(text: str = "") -> str:
        """Say who I am."""
        return f"{who} {text}".strip()

    return tell


@pytest.fixture
def dead() -> MCPClientConfig:
    """A server that ends as soon as it is started."""
    return MCPClientConfig(command=sys.executable, args=["-S", "-c", "print('bye')"], name="dead")


async def test_tools_of_all_servers_in_one_list(named: Make) -> None:
    async with MCPMultiClient([named("a", "one", "two"), named("b", "three")]) as multi:
        assert [tool.name for tool in await multi.list_tools()] == ["one", "three", "two"]
        assert multi.tool_names == ["one", "three", "two"]
        assert multi.server_count == 2
        assert (await multi.call_tool("three", {"text": "hi"})).content == "b.three hi"
        assert {label: one.tools for label, one in multi.states.items()} == {"a": 2, "b": 1}
        assert (await multi.clients["a"].list_tools())[0].name == "one"


async def test_the_later_server_stands_and_the_description_says_so(named: Make) -> None:
    configs = [named("a", "same"), named("b", "same")]
    async with MCPMultiClient(configs) as multi:
        (tool,) = await multi.list_tools()
        assert tool.description.startswith("Say who I am.")
        assert "of server 'b', in place of the one of 'a'" in tool.description
        assert (await multi.call_tool("same")).content == "b.same"
    async with MCPMultiClient(configs, on_conflict="first") as multi:
        assert (await multi.call_tool("same")).content == "a.same"
    async with MCPMultiClient(configs, on_conflict="error") as multi:
        with pytest.raises(ConfigurationError, match="'a' and 'b' both offer a tool 'same'"):
            await multi.list_tools()
    async with MCPMultiClient(configs, prefix=True) as multi:
        assert [tool.name for tool in await multi.list_tools()] == ["a__same", "b__same"]
        assert (await multi.call_tool("a__same")).content == "a.same"


async def test_a_dead_server_sinks_nobody(named: Make, dead: MCPClientConfig) -> None:
    async with MCPMultiClient([dead, named("alive", "one")]) as multi:
        assert [tool.name for tool in await multi.list_tools()] == ["one"]
        assert (await multi.call_tool("one")).content == "alive.one"
        states = multi.states
        assert states["alive"].state == "open"
        assert states["alive"].error is None
        assert states["dead"].state == "failed"
        assert isinstance(states["dead"].error, APIConnectionError)
        assert states["dead"].tools == 0


async def test_a_server_that_leaves_takes_its_tools_only(
    named: Make, stdio: MCPClientConfig
) -> None:
    mortal = stdio.model_copy(update={"name": "mortal"})
    async with MCPMultiClient([named("alive", "one"), mortal]) as multi:
        assert "add" in [tool.name for tool in await multi.list_tools()]
        await multi.clients["mortal"].aclose()
        assert [tool.name for tool in await multi.list_tools()] == ["one"]
        await multi.aopen()
        assert (await multi.call_tool("add", {"a": 1, "b": 2})).content == "3"


async def test_all_servers_dead(dead: MCPClientConfig) -> None:
    multi = MCPMultiClient([dead, dead])
    assert list(multi.clients) == ["dead", "dead_2"]
    with pytest.raises(APIConnectionError) as caught:
        await multi.aopen()
    assert "none of the 2 MCP servers" in caught.value.__notes__[0]


async def test_an_unknown_tool_is_a_key_error(named: Make) -> None:
    async with MCPMultiClient([named("a", "one")]) as multi:
        with pytest.raises(KeyError, match="there are: one"):
            await multi.call_tool("nope")
        with pytest.raises(ToolNotFoundError):
            await multi.call_tool("nope")


async def test_used_while_closed(named: Make) -> None:
    multi = MCPMultiClient([named("a", "one")])
    with pytest.raises(ConnectionClosedError):
        await multi.list_tools()
    with pytest.raises(RuntimeError):
        await multi.call_tool("one")


def test_at_least_one_server() -> None:
    with pytest.raises(ConfigurationError, match="at least one"):
        MCPMultiClient([])


def test_the_blocking_voice(named: Make) -> None:
    multi = MCPMultiClient({"x": named("a", "one"), "y": named("b", "two")})
    assert [tool.name for tool in multi.list_tools_sync()] == ["one", "two"]
    assert {one.state for one in multi.states.values()} == {"closed"}
    with multi:
        assert multi.call_tool_sync("two", {"text": "hi"}).content == "b.two hi"
        registry = multi.to_registry_sync()
        answer = registry.execute(ToolCallResult(id="c", name="one", arguments={}))
        assert answer.content == "a.one"
    assert {one.state for one in multi.states.values()} == {"closed"}


async def test_a_registry_of_all_and_parallel_calls(named: Make) -> None:
    async with MCPMultiClient([named("a", "one"), named("b", "two")]) as multi:
        registry = await multi.to_registry()
        calls = [
            ToolCallResult(id=str(n), name=["one", "two"][n % 2], arguments={"text": str(n)})
            for n in range(20)
        ]
        answers = await asyncio.gather(*(registry.aexecute(call) for call in calls))
        assert [answer.content for answer in answers] == [
            f"{'ab'[n % 2]}.{['one', 'two'][n % 2]} {n}" for n in range(20)
        ]


async def test_blocking_where_it_lives_is_refused(named: Make) -> None:
    async with MCPMultiClient([named("a", "one")]) as multi:
        with pytest.raises(RuntimeError, match="wait for itself"):
            multi.list_tools_sync()
