"""Logins of a person: first, again, refused, attacked, never finished."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import webbrowser
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from racto.core import ConfigurationError, RactoGatewayAuthError
from racto.tools.mcp import RactoMCPClient
from racto.tools.mcp.auth import FileTokenStore, OAuth, browser_login
from racto.tools.mcp.auth.patience import standing_still

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Authority, Browser, Guarded, Kept


def redirect_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["redirect_uri"][0]


async def test_first_call_logs_in_and_the_next_ones_do_not(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        first = await client.call_tool("whoami")
        second = await client.call_tool("whoami")
    [name] = authority.clients
    assert first.content == second.content == f"{name} read"
    assert authority.clients[name].client_name == "racto"
    assert len(browser.visits) == 1
    assert "close this window" in (await browser.page()).text
    assert not any("token" in line.lower() for line in guarded.seen if "Bearer" not in line)


async def test_handshake_servers_too(guarded: Guarded, browser: Browser) -> None:
    config = guarded.config.model_copy(update={"protocol": "handshake"})
    auth = browser_login(guarded.url, open_url=browser)
    async with RactoMCPClient(config, auth=auth) as client:
        assert (await client.call_tool("whoami")).content.endswith(" read")
    assert len(browser.visits) == 1


def test_blocking_clients_too(guarded: Guarded, browser: Browser) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    with RactoMCPClient(guarded.config, auth=auth) as client:
        assert client.call_tool_sync("whoami").content.endswith(" read")
    assert len(browser.visits) == 1


async def test_a_later_process_needs_no_browser(
    guarded: Guarded, browser: Browser, logins: Path
) -> None:
    for _ in range(2):
        auth = browser_login(guarded.url, open_url=browser, store=FileTokenStore(logins))
        async with RactoMCPClient(guarded.config, auth=auth) as client:
            assert (await client.call_tool("whoami")).content.endswith(" read")
    assert len(browser.visits) == 1


async def test_forgetting_asks_again(guarded: Guarded, browser: Browser, logins: Path) -> None:
    store = FileTokenStore(logins)
    for _ in range(2):
        auth = browser_login(guarded.url, open_url=browser, store=store)
        async with RactoMCPClient(guarded.config, auth=auth) as client:
            await client.list_tools()
        await store.aforget(guarded.url)
    assert len(browser.visits) == 2


async def test_a_second_login_keeps_the_registration_and_its_port(
    guarded: Guarded, browser: Browser, authority: Authority, logins: Path
) -> None:
    for _ in range(2):
        auth = browser_login(guarded.url, open_url=browser, store=FileTokenStore(logins))
        async with RactoMCPClient(guarded.config, auth=auth) as client:
            await client.list_tools()
        authority.access.clear()
        authority.refresh.clear()
    first, second = map(redirect_of, browser.visits)
    assert first == second
    assert len(authority.clients) == 1


async def test_a_second_login_registers_anew_where_the_port_is_taken(
    guarded: Guarded, browser: Browser, authority: Authority, logins: Path
) -> None:
    async def login() -> None:
        auth = browser_login(guarded.url, open_url=browser, store=FileTokenStore(logins))
        async with RactoMCPClient(guarded.config, auth=auth) as client:
            await client.list_tools()

    await login()
    authority.access.clear()
    authority.refresh.clear()
    port = urlsplit(redirect_of(browser.visits[0])).port
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    async with taken:
        await login()
    assert redirect_of(browser.visits[1]) != redirect_of(browser.visits[0])
    assert len(authority.clients) == 2


async def test_scopes_are_asked_for_beside_what_is_demanded(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    auth = browser_login(guarded.url, open_url=browser, scopes=["read", "write"])
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        assert (await client.call_tool("whoami")).content.endswith(" read write")
    assert authority.asked == [["read", "write"]]


async def test_a_refusal_is_told_as_one(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    authority.is_denying = True
    auth = browser_login(guarded.url, open_url=browser)
    client = RactoMCPClient(guarded.config, auth=auth)
    with pytest.raises(RactoGatewayAuthError, match="was refused: access_denied Not") as caught:
        await client.aopen()
    assert "\n" not in str(caught.value)
    assert not caught.value.retryable
    shown = (await browser.page()).text
    assert "did not take place" in shown
    assert "today" not in shown
    assert len(browser.visits) == 1


async def test_a_stranger_with_another_state_ends_the_login(
    guarded: Guarded, authority: Authority
) -> None:
    pages: queue.Queue[httpx2.Response] = queue.Queue()

    def attack(url: str) -> None:
        with httpx2.Client(verify=False) as client:
            pages.put(client.get(redirect_of(url), params={"code": "evil", "state": "guess"}))

    client = RactoMCPClient(guarded.config, auth=browser_login(guarded.url, open_url=attack))
    with pytest.raises(RactoGatewayAuthError, match="State parameter mismatch"):
        await client.aopen()
    shown = await asyncio.to_thread(pages.get, timeout=30)
    assert shown.status_code == 200
    assert not authority.access


async def test_a_stranger_who_does_not_know_the_path_is_not_heard(guarded: Guarded) -> None:
    found = []

    def open_url(url: str) -> None:
        there = urlsplit(redirect_of(url))
        with httpx2.Client(follow_redirects=True, verify=False) as client:
            for path in ("/", "/callback", there.path + "x"):
                guess = f"http://{there.netloc}{path}?code=evil&state=guess"
                found.append(client.get(guess).status_code)
            found.append(client.get(redirect_of(url)).status_code)
            found.append(client.get(url).status_code)

    auth = browser_login(guarded.url, open_url=open_url)
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        assert (await client.call_tool("whoami")).content.endswith(" read")
    assert found == [404, 404, 404, 400, 200]


async def test_nobody_logs_in(guarded: Guarded, authority: Authority) -> None:
    seen: list[str] = []
    auth = browser_login(guarded.url, open_url=seen.append, timeout=0.2)
    client = RactoMCPClient(guarded.config, auth=auth)
    with pytest.raises(RactoGatewayAuthError, match=r"nobody logged in .* within 0\.2 s") as caught:
        await client.aopen()
    assert not caught.value.retryable
    there = urlsplit(redirect_of(seen[0]))
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", there.port)


async def test_a_cancelled_login_leaves_no_listener(guarded: Guarded) -> None:
    opened = threading.Event()
    seen: list[str] = []

    def open_url(url: str) -> None:
        seen.append(url)
        opened.set()

    client = RactoMCPClient(guarded.config, auth=browser_login(guarded.url, open_url=open_url))
    task = asyncio.create_task(client.aopen())
    await asyncio.to_thread(opened.wait, 15)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", urlsplit(redirect_of(seen[0])).port)


@pytest.mark.parametrize("kind", [False, webbrowser.Error("no browser here")])
async def test_without_a_browser_the_address_goes_to_the_log(
    kind: bool | Exception, guarded: Guarded, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    def open_url(url: str) -> bool:
        if isinstance(kind, Exception):
            raise kind
        return kind

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            threading.Thread(target=browser, args=(str(record.args[0]),)).start()  # type: ignore[index]

    reader = Reader(level=logging.WARNING)
    log = logging.getLogger("racto.tools.mcp")
    log.addHandler(reader)
    try:
        auth = browser_login(guarded.url, open_url=open_url)
        async with RactoMCPClient(guarded.config, auth=auth) as client:
            assert (await client.call_tool("whoami")).content.endswith(" read")
    finally:
        log.removeHandler(reader)
    assert "open this address" in caplog.text


async def test_an_async_function_may_show_the_address(guarded: Guarded, browser: Browser) -> None:
    async def open_url(url: str) -> None:
        await asyncio.to_thread(browser, url)

    auth = browser_login(guarded.url, open_url=open_url)
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        assert (await client.call_tool("whoami")).content.endswith(" read")


async def test_what_open_url_raises_ends_the_login(guarded: Guarded) -> None:
    def open_url(url: str) -> None:
        raise OSError("no display")

    client = RactoMCPClient(guarded.config, auth=browser_login(guarded.url, open_url=open_url))
    with pytest.raises(RactoGatewayAuthError, match="open_url raised OSError: no display"):
        await client.aopen()


async def test_clocks_stand_still_while_a_person_logs_in(
    guarded: Guarded, browser: Browser
) -> None:
    noted: list[str] = []

    @contextmanager
    def stop() -> Iterator[None]:
        noted.append("stopped")
        yield
        noted.append("goes on")

    def open_url(url: str) -> None:
        noted.append("login")
        browser(url)

    auth = browser_login(guarded.url, open_url=open_url)
    before = standing_still.set(stop)
    try:
        async with httpx2.AsyncClient(auth=auth) as client:
            await client.post(guarded.url, json={})
    finally:
        standing_still.reset(before)
    assert noted == ["stopped", "login", "goes on"]


async def test_a_registered_client_is_not_registered_again(
    guarded: Guarded, browser: Browser, authority: Authority, issuer: str
) -> None:
    from mcp.shared.auth import OAuthClientInformationFull

    port = free_port()
    authority.clients["ours"] = OAuthClientInformationFull(
        client_id="ours",
        client_secret="hush-hush",
        token_endpoint_auth_method="client_secret_basic",
        redirect_uris=[f"http://127.0.0.1:{port}/back"],  # type: ignore[list-item]
        scope="read",
    )
    auth = browser_login(
        guarded.url,
        open_url=browser,
        client_id="ours",
        client_secret="hush-hush",
        issuer=issuer,
        port=port,
        path="/back",
    )
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        assert (await client.call_tool("whoami")).content == "ours read"
    assert list(authority.clients) == ["ours"]
    assert redirect_of(browser.visits[0]) == f"http://127.0.0.1:{port}/back"


async def test_a_secret_goes_to_its_issuer_only(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    auth = browser_login(
        guarded.url,
        open_url=browser,
        client_id="ours",
        client_secret="hush-hush",
        issuer="https://login.example.com",
    )
    client = RactoMCPClient(guarded.config, auth=auth)
    with pytest.raises(RactoGatewayAuthError, match=r"known to https://login\.example\.com"):
        await client.aopen()
    assert browser.visits == []


async def test_a_taken_port_is_named(guarded: Guarded, browser: Browser) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        auth = browser_login(guarded.url, open_url=browser, port=port)
        client = RactoMCPClient(guarded.config, auth=auth)
        with pytest.raises(ConfigurationError, match=f"port {port} of 127"):
            await client.aopen()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"client_id": "a", "client_secret": "s"}, "needs issuer"),
        ({"client_secret": "s"}, "belong to a client_id"),
        ({"path": "back?x=1"}, "path must begin with /"),
        ({"client_metadata_url": "http://here.example/client"}, "https URL"),
    ],
)
def test_what_cannot_work_is_said_at_once(options: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        browser_login("https://mcp.example.com/mcp", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["mcp.example.com", "ftp://mcp.example.com", "http://", "http://host:port"]
)
def test_a_server_has_a_url(url: str) -> None:
    with pytest.raises(ConfigurationError, match="server_url"):
        browser_login(url)


async def test_secrets_stay_out_of_reprs_and_logs(
    guarded: Guarded, browser: Browser, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = FileTokenStore(kept.path)
    auth: OAuth = browser_login(guarded.url, open_url=browser, store=store)
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        await client.call_tool("whoami")
    entry = kept.entry()
    hidden = [
        entry["tokens"]["access_token"],
        entry["tokens"]["refresh_token"],
        entry["client"]["client_secret"],
    ]
    login = await store.aload(guarded.url)
    shown = f"{auth!r} {store!r} {login!r} {client!r} {caplog.text}"
    assert all(hidden)
    assert not [secret for secret in hidden if secret in shown]


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
