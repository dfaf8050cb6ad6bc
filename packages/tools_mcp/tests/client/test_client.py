"""The client against servers written with the SDK alone, over every transport and in both eras."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from racto.core import (
    AudioPart,
    BadRequestError,
    ConfigurationError,
    DocumentPart,
    ImagePart,
    LinkPart,
    RactoGatewayAPIError,
    RactoGatewayTimeoutError,
    TextPart,
    ToolCallResult,
)
from racto.tools.mcp import (
    ConnectionClosedError,
    Elicitation,
    ElicitationRequest,
    Interactions,
    MCPClientConfig,
    RactoMCPClient,
    ServerChange,
)

pytestmark = pytest.mark.filterwarnings("default::mcp.MCPDeprecationWarning")

ERAS = ["modern", "handshake"]
WAYS = [("stdio", "handshake"), ("streamable-http", "modern"), ("sse", "handshake")]


@pytest.fixture(params=WAYS, ids="-".join)
def config(
    request: pytest.FixtureRequest, make_peer: Callable[[str], MCPClientConfig]
) -> MCPClientConfig:
    """A peer over each transport, in one era each: a server's start takes a second."""
    transport, era = request.param
    return make_peer(transport).model_copy(update={"protocol": era})


async def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait until something holds, or fail."""
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came true")


@pytest.mark.parametrize("era", ERAS)
async def test_everything_of_a_server(peer: MCPClientConfig, era: str) -> None:
    config = peer.model_copy(update={"protocol": era})
    async with RactoMCPClient(config) as client:
        assert client.state == "open"
        assert (client.server.name, client.server.version) == ("sdk-peer", "1.2.3")
        assert client.server.instructions == "Use it well."
        expected = "2026-07-28" if config.protocol == "modern" else "2025-11-25"
        assert client.server.protocol == expected
        assert {"tools", "resources", "prompts", "completions"} <= client.server.capabilities

        tools = {tool.name: tool for tool in await client.list_tools()}
        schema = tools["add"].json_schema
        assert schema is not None
        assert schema["properties"]["a"]["type"] == "integer"
        assert tools["weather"].output_schema is not None

        result = await client.call_tool("add", {"a": 2, "b": 3})
        assert (result.content, result.structured, result.is_error) == ("5", {"result": 5}, False)
        result = await client.call_tool("weather", {"city": "Brest"})
        assert result.structured == {"city": "Brest", "degrees": 21.5}

        failed = await client.call_tool("fail")
        assert failed.is_error
        assert "no luck today" in failed.content
        misfit = await client.call_tool("add", {"a": "two", "b": 3})
        assert misfit.is_error

        uris = {one.uri for one in await client.list_resources()}
        assert uris == {"config://app", "picture://pixel"}
        (template,) = await client.list_resource_templates()
        assert template.uri_template == "users://{name}/profile"
        assert await client.read_resource("config://app") == (TextPart(text="colour = blue"),)
        (pixel,) = await client.read_resource("picture://pixel")
        assert isinstance(pixel, ImagePart)
        (text,) = await client.read_resource("users://bo/profile")
        assert text == TextPart(text="profile of bo")

        (prompt,) = await client.list_prompts()
        assert [(one.name, one.required) for one in prompt.arguments] == [
            ("name", True),
            ("style", False),
        ]
        (message,) = await client.get_prompt("greet", {"name": "Bo"})
        assert message.text == "Greet Bo in a kind way."
        assert await client.complete("style", "k", prompt="greet") == ["kind", "keen"]
        assert await client.ping() > 0
    assert client.state == "closed"


def test_everything_in_the_blocking_voice(config: MCPClientConfig) -> None:
    with RactoMCPClient(config) as client:
        assert "add" in [tool.name for tool in client.list_tools_sync()]
        assert client.call_tool_sync("add", {"a": 2, "b": 3}).content == "5"
        assert len(client.list_resources_sync()) == 2
        assert len(client.list_resource_templates_sync()) == 1
        assert client.read_resource_sync("config://app") == (TextPart(text="colour = blue"),)
        assert client.list_prompts_sync()[0].name == "greet"
        assert client.get_prompt_sync("greet", {"name": "Bo"})[0].text.startswith("Greet Bo")
        assert client.complete_sync("style", "c", prompt="greet") == ["cold"]
        assert client.ping_sync() > 0


async def test_parts_of_every_kind_are_kept(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        result = await client.call_tool("media")
        kinds = [type(part) for part in result.parts]
        assert kinds == [TextPart, ImagePart, AudioPart, TextPart, DocumentPart, LinkPart]
        assert result.content == "look\n[Resource: note://1]\na note"
        assert isinstance(result.parts[4], DocumentPart)
        assert result.parts[4].data == b"%PDF"

        registry = await client.to_registry()
        answer = await registry.aexecute(ToolCallResult(id="c1", name="media"))
        assert answer.tool_call_id == "c1"
        assert answer.content == result.parts


async def test_progress_is_told(config: MCPClientConfig) -> None:
    told: list[tuple[float, float | None, str]] = []
    async with RactoMCPClient(config) as client:
        result = await client.call_tool(
            "slow", {"seconds": 0.2}, on_progress=lambda *step: told.append(step)
        )
        await until(lambda: len(told) == 4)
    assert result.content == "done"
    assert sorted(told)[:2] == [(0.0, 4.0, "step 0"), (1.0, 4.0, "step 1")]


async def test_a_timeout_reaches_the_server(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        with pytest.raises(RactoGatewayTimeoutError, match=r"calling tool 'slow'.* 0\.2 s"):
            await client.call_tool("slow", {"seconds": 30}, timeout=0.2)
        await _cancelled(client)
        assert client.state == "open"


async def test_cancelling_reaches_the_server(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        call = asyncio.create_task(client.call_tool("slow", {"seconds": 30}))
        await asyncio.sleep(0.3)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await _cancelled(client)


async def _cancelled(client: RactoMCPClient) -> None:
    for _ in range(200):
        if (await client.call_tool("was_cancelled")).structured == {"result": True}:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the server was never told")


async def test_many_calls_share_a_session(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        calls = [client.call_tool("add", {"a": n, "b": n}) for n in range(50)]
        results = await asyncio.gather(*calls)
    assert [result.structured for result in results] == [{"result": 2 * n} for n in range(50)]


async def test_a_large_result_arrives_whole(peer: MCPClientConfig) -> None:
    async with RactoMCPClient(peer) as client:
        result = await client.call_tool("big", {"size": 10_000_000})
    assert len(result.content) == 10_000_000


async def test_changes_of_lists_are_told(config: MCPClientConfig) -> None:
    news: list[ServerChange] = []
    async with RactoMCPClient(config, interactions=Interactions(on_change=news.append)) as client:
        if config.protocol == "modern":
            # The stream of news opens beside the session.
            await asyncio.sleep(0.5)
        await client.call_tool("grow")
        await until(lambda: ServerChange(kind="tools", server="peer") in news)
        assert "grown" in [tool.name for tool in await client.list_tools()]


async def test_changes_of_a_resource_are_told(peer: MCPClientConfig) -> None:
    news: list[ServerChange] = []
    async with RactoMCPClient(peer, interactions=Interactions(on_change=news.append)) as client:
        await client.subscribe("config://app")
        await asyncio.sleep(0.5)
        await client.call_tool("touch")
        change = ServerChange(kind="resource", uri="config://app", server="peer")
        await until(lambda: change in news)
        await client.unsubscribe("config://app")
        await asyncio.sleep(0.2)
        news.clear()
        await client.call_tool("touch")
        await asyncio.sleep(0.3)
        assert change not in news


@pytest.mark.parametrize("transport", ["stdio", "sse"])
async def test_a_person_is_asked_while_the_clock_stands_still(
    transport: str, make_peer: Callable[[str], MCPClientConfig]
) -> None:
    asked: list[ElicitationRequest] = []

    async def elicit(question: ElicitationRequest) -> Elicitation:
        asked.append(question)
        await asyncio.sleep(0.6)
        return Elicitation.accept({"place": "Brest", "nights": 3})

    config = make_peer(transport).model_copy(update={"protocol": "handshake"})
    async with RactoMCPClient(config, interactions=Interactions(elicit=elicit)) as client:
        result = await client.call_tool("ask", timeout=0.4)
        assert result.content.startswith("accept place='Brest' nights=3")
    assert asked[0].message == "Where to?"
    assert asked[0].schema is not None
    assert set(asked[0].schema["properties"]) == {"place", "nights"}
    assert asked[0].server == "peer"


async def test_an_answer_that_does_not_fit_is_not_sent(stdio: MCPClientConfig) -> None:
    config = stdio.model_copy(update={"protocol": "handshake"})
    wrong = Interactions(elicit=lambda _: Elicitation.accept({"place": 7}))
    async with RactoMCPClient(config, interactions=wrong) as client:
        with pytest.raises(BadRequestError, match="gave no answer to the elicitation"):
            await client.call_tool("ask")


async def test_a_call_outside_the_block_raises(stdio: MCPClientConfig) -> None:
    client = RactoMCPClient(stdio)
    with pytest.raises(RuntimeError, match="async with"):
        await client.list_tools()
    async with client:
        await client.list_tools()
    with pytest.raises(ConnectionClosedError):
        await client.call_tool("add", {"a": 1, "b": 1})
    with pytest.raises(ConnectionClosedError, match="no open session"):
        _ = client.server


def test_a_blocking_call_opens_a_session_for_itself(stdio: MCPClientConfig) -> None:
    client = RactoMCPClient(stdio)
    assert client.call_tool_sync("add", {"a": 1, "b": 1}).content == "2"
    assert client.state == "closed"


async def test_a_blocking_call_where_the_session_lives_is_refused(stdio: MCPClientConfig) -> None:
    async with RactoMCPClient(stdio) as client:
        with pytest.raises(RuntimeError, match="wait for itself"):
            client.list_tools_sync()
        # From a thread beside the loop it is welcome.
        assert await asyncio.to_thread(client.call_tool_sync, "add", {"a": 1, "b": 2})


async def test_a_blocking_call_beside_a_loop_works(stdio: MCPClientConfig) -> None:
    client = RactoMCPClient(stdio)
    client.open()
    try:
        # This loop is not the session's, so it only waits.
        assert client.call_tool_sync("add", {"a": 1, "b": 2}).content == "3"
        assert (await client.call_tool("add", {"a": 1, "b": 4})).content == "5"
    finally:
        client.close()


def test_threads_and_loops_share_one_session(stdio: MCPClientConfig) -> None:
    found: list[str] = []
    with RactoMCPClient(stdio) as client:

        async def ask(n: int) -> None:
            found.append((await client.call_tool("add", {"a": n, "b": 0})).content)

        def plain(n: int) -> None:
            found.append(client.call_tool_sync("add", {"a": n, "b": 0}).content)

        threads = [threading.Thread(target=plain, args=(n,)) for n in range(4)]
        threads += [
            threading.Thread(target=lambda n=n: asyncio.run(ask(n)))  # type: ignore[misc]
            for n in range(4, 8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert sorted(found) == [str(n) for n in range(8)]


async def test_a_registry_shares_the_session_in_both_voices(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        registry = await client.to_registry(prefix="peer_")
        call = ToolCallResult(id="c7", name="peer_add", arguments={"a": 4, "b": 5})
        answer = await registry.aexecute(call)
        assert (answer.tool_call_id, answer.name, answer.content) == ("c7", "peer_add", "9")
        assert answer.structured == {"result": 9}
        assert (await asyncio.to_thread(registry.execute, call)).content == "9"
        failed = await registry.aexecute(ToolCallResult(id="c8", name="peer_fail"))
        assert failed.is_error
        assert "no luck today" in failed.content
        checked = await registry.aexecute(
            ToolCallResult(id="c9", name="peer_add", arguments={"a": "x", "b": 1})
        )
        assert checked.is_error
        assert "should be integer" in checked.content


async def test_a_registry_outlives_the_block(stdio: MCPClientConfig) -> None:
    async with RactoMCPClient(stdio) as client:
        registry = await client.to_registry()
    call = ToolCallResult(id="c1", name="add", arguments={"a": 1, "b": 1})
    assert (await registry.aexecute(call)).content == "2"
    assert client.state == "open"
    assert await asyncio.to_thread(lambda: registry.execute(call).content) == "2"
    client.close()
    assert client.state == "closed"


def test_a_registry_of_a_plain_program(stdio: MCPClientConfig) -> None:
    client = RactoMCPClient(stdio)
    registry = client.to_registry_sync()
    call = ToolCallResult(id="c1", name="add", arguments={"a": 1, "b": 1})
    assert registry.execute(call).content == "2"
    client.close()


async def test_a_thousand_tools_on_ten_pages(sdk_peer: ModuleType, web: Any) -> None:
    app = sdk_peer.make_paged_server(1000).streamable_http_app()
    config = MCPClientConfig.from_target(f"http://127.0.0.1:{web.serve(app)}/mcp")
    async with RactoMCPClient(config) as client:
        assert len(await client.list_tools()) == 1000
        assert (await client.call_tool("tool_999")).content == "tool_999"
        assert len(await client.to_registry()) == 1000


async def test_headers_reach_the_server(sdk_peer: ModuleType, web: Any) -> None:
    seen: list[str] = []
    inner = sdk_peer.make_server().streamable_http_app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(dict(scope["headers"]).get(b"x-team", b"").decode())
        await inner(scope, receive, send)

    config = MCPClientConfig.from_target(
        f"http://127.0.0.1:{web.serve(app)}/mcp", headers={"X-Team": "red"}
    )
    async with RactoMCPClient(config) as client:
        await client.call_tool("add", {"a": 1, "b": 1})
    assert set(seen) == {"red"}


async def test_no_timeout_at_all(stdio: MCPClientConfig) -> None:
    short = stdio.model_copy(update={"timeout": 0.1})
    async with RactoMCPClient(short) as client:
        result = await client.call_tool("slow", {"seconds": 0.3}, timeout=math.inf)
    assert result.content == "done"


async def test_a_program_that_is_not_there() -> None:
    client = RactoMCPClient(MCPClientConfig(command="no-such-program-anywhere"))
    with pytest.raises(ConfigurationError, match="is it installed, and on PATH"):
        await client.aopen()
    assert client.state == "failed"
    assert isinstance(client.error, ConfigurationError)


async def test_what_a_dying_server_said_is_told() -> None:
    program = "import sys; sys.exit('the licence has expired')"
    client = RactoMCPClient(MCPClientConfig(command=sys.executable, args=["-c", program]))
    with pytest.raises(Exception, match="the licence has expired"):
        await client.aopen()


async def test_what_the_server_refuses_is_an_error(stdio: MCPClientConfig) -> None:
    async with RactoMCPClient(stdio) as client:
        with pytest.raises(RactoGatewayAPIError, match="getting prompt 'nope'"):
            await client.get_prompt("nope")
        with pytest.raises(RactoGatewayAPIError, match="reading 'config://nope'"):
            await client.read_resource("config://nope")


async def test_closing_twice_and_opening_again(stdio: MCPClientConfig) -> None:
    client = RactoMCPClient(stdio)
    for _ in range(2):
        await client.aopen()
        await client.aopen()
        assert (await client.call_tool("add", {"a": 1, "b": 1})).content == "2"
        await client.aclose()
        await client.aclose()
    assert client.state == "closed"
