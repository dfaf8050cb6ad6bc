"""The listener for redirects: who reaches it, what it takes, and that it goes away."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import httpx2
import pytest

from racto.core import ConfigurationError
from racto.tools.mcp.auth import redirects
from racto.tools.mcp.auth.redirects import RedirectListener


def port_of(listener: RedirectListener) -> int:
    port = urlsplit(listener.url).port
    assert port is not None
    return port


async def say(listener: RedirectListener, text: bytes) -> bytes:
    """Send bytes as they are, and read what comes back until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))
    try:
        writer.write(text)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def get(url: str) -> httpx2.Response:
    async with httpx2.AsyncClient(verify=False) as client:
        return await client.get(url)


async def test_takes_one_redirect() -> None:
    async with RedirectListener() as listener:
        answer = await get(f"{listener.url}?code=a%20b&state=s&iss=https%3A%2F%2Fx&code=c")
        assert await listener.parameters == {"code": "a b", "state": "s", "iss": "https://x"}
        await get(f"{listener.url}?code=second")
        assert listener.parameters.result()["code"] == "a b"
    assert answer.status_code == 200
    assert "close this window" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_only_this_machine_reaches_it() -> None:
    async with RedirectListener() as listener:
        port = port_of(listener)
        others = {"127.0.0.2", *socket.gethostbyname_ex(socket.gethostname())[2]} - {"127.0.0.1"}
        for host in others:
            with pytest.raises(OSError, match="Connect call failed"):
                await asyncio.open_connection(host, port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
        assert await reader.read() == b""


async def test_two_listeners_have_no_address_in_common() -> None:
    async with RedirectListener() as one, RedirectListener() as other:
        assert urlsplit(one.url).port != urlsplit(other.url).port
        assert urlsplit(one.url).path != urlsplit(other.url).path
        assert len(urlsplit(one.url).path) > 30


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"GET {path} HTTP/1.1", b"400"),
        (b"GET {path}?state=s HTTP/1.1", b"400"),
        (b"GET {path}/?code=c HTTP/1.1", b"404"),
        (b"GET /?code=c HTTP/1.1", b"404"),
        (b"GET //[x?code=c HTTP/1.1", b"404"),
        (b"GET http://127.0.0.1{path}?code=c HTTP/1.1", b"404"),
        (b"HEAD {path}?code=c HTTP/1.1", b"404"),
        (b"POST {path}?code=c HTTP/1.1", b"404"),
        (b"GET {path}?code=c HTTP/2.0", b"404"),
        (b"GET \xff\xfe HTTP/1.1", b"404"),
        (b"", b"404"),
    ],
)
async def test_anything_else_is_answered_and_not_taken(start: bytes, status: bytes) -> None:
    async with RedirectListener() as listener:
        path = urlsplit(listener.url).path.encode()
        answer = await say(listener, start.replace(b"{path}", path) + b"\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert not listener.parameters.done()


async def test_what_is_too_large_is_not_read() -> None:
    async with RedirectListener() as listener:
        path = urlsplit(listener.url).path.encode()
        answer = await say(listener, b"GET " + path + b"?code=" + b"c" * 100_000)
        # The system may take the answer back with the connection.
        assert answer[:12] in (b"", b"HTTP/1.1 431")
        await say(listener, b"GET " + path + b"?code=c HTTP/1.1\r\nX: " + b"x" * 100_000)
        assert not listener.parameters.done()
        assert (await get(f"{listener.url}?code=fine")).status_code == 200
        assert await listener.parameters == {"code": "fine"}


async def test_who_sends_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirects, "_SLOWEST", 0.05)
    async with RedirectListener() as listener:
        assert await say(listener, b"GET / HTTP/1.1\r\n") == b""


async def test_more_connections_than_a_browser_makes_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redirects, "_MOST_CONNECTIONS", 1)
    async with RedirectListener() as listener:
        _, idle = await asyncio.open_connection("127.0.0.1", port_of(listener))
        await asyncio.sleep(0)
        assert await say(listener, b"GET / HTTP/1.1\r\n\r\n") == b""
        idle.close()


async def test_leaving_hangs_up_on_everybody() -> None:
    async with RedirectListener() as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))
        writer.write(b"GET / HTTP/1.1\r\n")
        await get(f"http://127.0.0.1:{port_of(listener)}/")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port_of(listener))
    assert listener.parameters.cancelled()


async def test_a_port_is_free_again_and_a_taken_one_is_named() -> None:
    async with RedirectListener() as first:
        port = port_of(first)
        with pytest.raises(ConfigurationError, match=f"port {port} of 127.0.0.1"):
            async with RedirectListener(port=port):
                pytest.fail("two listeners on one port")
    async with RedirectListener(port=port, path="/back") as again:
        assert again.url == f"http://127.0.0.1:{port}/back"
