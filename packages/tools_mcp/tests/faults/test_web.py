"""HTTP servers that refuse, hang, break off, redirect or answer with pages for people."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from racto.core import (
    APIConnectionError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RetryPolicy,
    ServerError,
)
from racto.tools.mcp import MCPClientConfig, RactoMCPClient

TOKEN = "s3cr3t-token-of-the-user"
Transport = Literal["streamable-http", "sse"]


@pytest.fixture
def root(hostile: Any) -> Iterator[str]:
    with hostile.web() as address:
        yield address


def web(address: str, **options: Any) -> MCPClientConfig:
    given = {"transport": "streamable-http", "name": "web", "timeout": 5.0, "open_timeout": 5.0}
    given |= {"reconnect": RetryPolicy(attempts=2, base=0.01), "token": TOKEN}
    return MCPClientConfig(url=address, **(given | options))


async def used(config: MCPClientConfig) -> None:
    """Open, call and close; nothing may be agreed on before the first call."""
    async with RactoMCPClient(config) as client:
        await client.call_tool("echo")


@pytest.mark.parametrize("transport", ["streamable-http", "sse"])
@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
async def test_a_server_that_is_down(transport: Transport, protocol: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/mcp"
        with pytest.raises(APIConnectionError, match="web"):
            await used(web(address, transport=transport, protocol=protocol))


async def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(APIConnectionError):
        await used(web("http://no-such-host.invalid/mcp"))


@pytest.mark.parametrize("transport", ["streamable-http", "sse"])
@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("401", RactoGatewayAuthError),
        ("403", PermissionDeniedError),
        ("404", NotFoundError),
        ("500", ServerError),
    ],
)
async def test_a_status_is_the_error_that_it_means(
    root: str, path: str, kind: type[RactoGatewayError], protocol: Any, transport: Transport
) -> None:
    with pytest.raises(kind) as raised:
        await used(web(f"{root}/{path}", protocol=protocol, transport=transport))
    assert path in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert "secret-of-the-server" not in str(raised.value)


@pytest.mark.parametrize("transport", ["streamable-http", "sse"])
@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
async def test_a_server_that_hangs(root: str, protocol: Any, transport: Transport) -> None:
    options = {"open_timeout": 0.7, "timeout": 0.7, "protocol": protocol, "transport": transport}
    with pytest.raises(RactoGatewayTimeoutError):
        await used(web(f"{root}/hang", **options))


@pytest.mark.parametrize("transport", ["streamable-http", "sse"])
@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
@pytest.mark.parametrize("path", ["cut", "html", "empty"])
async def test_an_answer_that_is_none(
    root: str, path: str, protocol: Any, transport: Transport
) -> None:
    with pytest.raises((APIConnectionError, InvalidResponseError)):
        await used(web(f"{root}/{path}", protocol=protocol, transport=transport))


@pytest.mark.parametrize("transport", ["streamable-http", "sse"])
@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
async def test_a_redirect_to_another_host_does_not_get_the_token(
    hostile: Any, root: str, protocol: Any, transport: Transport
) -> None:
    with pytest.raises(RactoGatewayError) as raised:
        await used(web(f"{root}/redirect", protocol=protocol, transport=transport))
    assert TOKEN not in str(raised.value)
    seen = [event for event in hostile.events if event.get("path") == "ok"]
    assert not [event for event in seen if "authorization" in event["headers"]]


@pytest.mark.parametrize("protocol", ["auto", "handshake"])
@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        ("cut", (APIConnectionError, InvalidResponseError)),
        ("cut_stream", (APIConnectionError, InvalidResponseError, RactoGatewayTimeoutError)),
        ("html", InvalidResponseError),
        ("broken", InvalidResponseError),
        ("status_500", ServerError),
        ("status_404", (NotFoundError, APIConnectionError)),
    ],
)
async def test_a_call_that_goes_wrong_is_one_error_and_the_next_works(
    root: str, tool: str, kind: Any, protocol: Any
) -> None:
    async with RactoMCPClient(web(f"{root}/ok", protocol=protocol)) as client:
        assert (await client.call_tool("echo")).content == "echo"
        with pytest.raises(kind) as raised:
            await client.call_tool(tool)
        assert "secret-of-the-server" not in str(raised.value)
        assert (await client.call_tool("echo")).content == "echo"


async def test_a_call_that_stalls_is_given_up_and_cancelled(hostile: Any, root: str) -> None:
    async with RactoMCPClient(web(f"{root}/ok")) as client:
        with pytest.raises(RactoGatewayTimeoutError):
            await client.call_tool("stall", timeout=0.5)
        assert (await client.call_tool("echo")).content == "echo"
        assert await hostile.until(
            lambda: [m for m in seen(hostile) if m.get("method") == "notifications/cancelled"]
        )
    calls = [m for m in seen(hostile) if m.get("method") == "tools/call"]
    (note,) = [m for m in seen(hostile) if m.get("method") == "notifications/cancelled"]
    assert note["params"]["requestId"] == calls[0]["id"]


async def test_an_answer_beyond_the_limit_is_refused(root: str) -> None:
    async with RactoMCPClient(web(f"{root}/ok", max_message_bytes=100_000)) as client:
        assert len((await client.call_tool("huge", {"size": 50_000})).content) == 50_000
        with pytest.raises(InvalidResponseError, match="max_message_bytes"):
            await client.call_tool("huge", {"size": 200_000})
        assert (await client.call_tool("echo")).content == "echo"


async def test_ten_megabytes_come_through(root: str) -> None:
    async with RactoMCPClient(web(f"{root}/ok")) as client:
        result = await client.call_tool("huge", {"size": 10 * 2**20}, timeout=60)
    assert len(result.content) == 10 * 2**20


async def test_token_and_headers_come_with_every_request(hostile: Any, root: str) -> None:
    config = web(f"{root}/ok", headers={"X-Team": "blue"}, protocol="handshake")
    async with RactoMCPClient(config) as client:
        await client.call_tool("echo")
    headers = [event["headers"] for event in hostile.events if "headers" in event]
    assert len(headers) >= 3
    assert {entry.get("authorization") for entry in headers} == {f"Bearer {TOKEN}"}
    assert {entry.get("x-team") for entry in headers} == {"blue"}


def test_the_sync_voice_meets_the_same_errors(root: str) -> None:
    with pytest.raises(RactoGatewayAuthError), RactoMCPClient(web(f"{root}/401")) as client:
        client.call_tool_sync("echo")
    with RactoMCPClient(web(f"{root}/ok")) as client:
        with pytest.raises(ServerError):
            client.call_tool_sync("status_500")
        assert client.call_tool_sync("echo").content == "echo"


def seen(hostile: Any) -> list[dict[str, Any]]:
    return [event["message"] for event in hostile.events if "message" in event]
