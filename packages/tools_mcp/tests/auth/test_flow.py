"""Logins that last: renewal, revocation, several calls, several processes, several loops."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import AnyHttpUrl

from racto.core import (
    APIConnectionError,
    ConfigurationError,
    RactoGatewayAuthError,
    ServerError,
)
from racto.tools.mcp import RactoMCPClient
from racto.tools.mcp.auth import FileTokenStore, Login, MemoryTokenStore, browser_login

if TYPE_CHECKING:
    from conftest import Authority, Browser, Guarded, Harbour, Kept


async def whoami(guarded: Guarded, auth: httpx2.Auth) -> str:
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        return (await client.call_tool("whoami")).content


async def test_a_token_that_ran_out_is_renewed_in_time(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        await client.call_tool("whoami")
        authority.access.clear()
        auth.provider.context.token_expiry_time = time.time() - 1
        guarded.seen.clear()
        await client.call_tool("whoami")
        assert len(guarded.seen) == 1
    assert (authority.renewals, len(browser.visits)) == (1, 1)


async def test_a_later_process_renews_at_the_authorization_server(
    guarded: Guarded, browser: Browser, authority: Authority, kept: Kept
) -> None:
    def login() -> httpx2.Auth:
        return browser_login(guarded.url, open_url=browser, store=FileTokenStore(kept.path))

    await whoami(guarded, login())
    authority.access.clear()
    kept.update(expires_at=time.time() - 60)
    guarded.seen.clear()
    assert (await whoami(guarded, login())).endswith(" read")
    # The token that was known to have run out was not tried, nor the server asked for a renewal.
    assert {line.partition(" Bearer")[0] for line in guarded.seen} == {"POST /mcp"}
    assert (authority.renewals, len(browser.visits)) == (1, 1)
    # And the new one was kept.
    await whoami(guarded, login())
    assert (authority.renewals, len(browser.visits)) == (1, 1)


@pytest.mark.parametrize("is_new", [False, True], ids=["same process", "later process"])
async def test_a_revoked_token_is_renewed_before_a_person_is_asked(
    is_new: bool, guarded: Guarded, browser: Browser, authority: Authority, logins: Path
) -> None:
    store = FileTokenStore(logins)
    auth = browser_login(guarded.url, open_url=browser, store=store)
    await whoami(guarded, auth)
    authority.access.clear()
    if is_new:
        auth = browser_login(guarded.url, open_url=browser, store=store)
    assert (await whoami(guarded, auth)).endswith(" read")
    assert (authority.renewals, len(browser.visits)) == (1, 1)


@pytest.mark.parametrize("is_new", [False, True], ids=["same process", "later process"])
async def test_where_nothing_can_be_renewed_a_person_is_asked(
    is_new: bool, guarded: Guarded, browser: Browser, authority: Authority, kept: Kept
) -> None:
    store = FileTokenStore(kept.path)
    auth = browser_login(guarded.url, open_url=browser, store=store)
    await whoami(guarded, auth)
    authority.access.clear()
    authority.refresh.clear()
    kept.update(expires_at=time.time() - 60)
    if is_new:
        auth = browser_login(guarded.url, open_url=browser, store=store)
    assert (await whoami(guarded, auth)).endswith(" read")
    assert len(browser.visits) == 2
    # A token that could not be renewed is not tried a second time.
    assert (authority.renewals, authority.failed_renewals) == (0, 1)


async def test_a_token_that_another_process_renewed_is_taken_over(
    guarded: Guarded, browser: Browser, authority: Authority, logins: Path
) -> None:
    first, second = (
        browser_login(guarded.url, open_url=browser, store=FileTokenStore(logins)) for _ in "ab"
    )
    await whoami(guarded, first)
    await whoami(guarded, second)
    authority.access.clear()
    await whoami(guarded, first)
    # Refused where it still looks good, and run out where it does not.
    await whoami(guarded, second)
    authority.access.clear()
    await whoami(guarded, first)
    second.provider.context.token_expiry_time = time.time() - 1
    await whoami(guarded, second)
    assert (authority.renewals, authority.failed_renewals) == (2, 0)
    assert len(browser.visits) == 1


@pytest.mark.parametrize("looks_good", [True, False], ids=["revoked", "ran out"])
async def test_who_loses_a_race_for_the_renewal_takes_what_the_winner_got(
    looks_good: bool, guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    class Late(MemoryTokenStore):
        """Shows what another process saved only when the renewal was refused."""

        before: Login | None = None

        def load(self, key: str) -> Login | None:
            is_hidden = self.before is not None and not authority.failed_renewals
            return self.before if is_hidden else super().load(key)

    store = Late()
    winner = browser_login(guarded.url, open_url=browser, store=store)
    await whoami(guarded, winner)
    seen = store.load(guarded.url)
    assert seen is not None
    authority.access.clear()
    await whoami(guarded, winner)
    store.before = seen if looks_good else seen.model_copy(update={"expires_at": 1.0})
    loser = browser_login(guarded.url, open_url=browser, store=store)
    assert (await whoami(guarded, loser)).endswith(" read")
    assert (authority.renewals, authority.failed_renewals) == (1, 1)
    assert len(browser.visits) == 1


async def test_calls_are_under_way_side_by_side(guarded: Guarded, browser: Browser) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        calls = (client.call_tool("meet"), client.call_tool("meet"))
        assert [one.content for one in await asyncio.gather(*calls)] == ["met", "met"]


async def test_clients_that_share_a_login_log_in_once(guarded: Guarded, browser: Browser) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    found = await asyncio.gather(whoami(guarded, auth), whoami(guarded, auth))
    assert found[0] == found[1]
    assert len(browser.visits) == 1


async def test_one_refusal_is_enough_for_all_who_wait(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    authority.is_denying = True
    auth = browser_login(guarded.url, open_url=browser)
    async with httpx2.AsyncClient(auth=auth) as client:
        calls = [client.post(guarded.url, json={}) for _ in range(3)]
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in errors] == [RactoGatewayAuthError] * 3
        assert sum("waited for" in str(one) for one in errors) == 2
        assert len(browser.visits) == 1
        # Whoever comes later may try again.
        authority.is_denying = False
        answer = await client.post(guarded.url, json={})
    assert answer.status_code != 401
    assert len(browser.visits) == 2


async def test_more_rights_are_asked_for_beside_those_held(
    guarded: Guarded, browser: Browser, authority: Authority
) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    await whoami(guarded, auth)
    for token in authority.access.values():
        token.scopes = ["write"]
    authority.clients[token.client_id].scope = "read write"
    auth.provider.context.current_tokens.scope = "write"  # type: ignore[union-attr]
    assert set((await whoami(guarded, auth)).split()[1:]) == {"read", "write"}
    assert len(browser.visits) == 2
    assert authority.renewals == 0


async def test_a_token_goes_to_its_server_only(guarded: Guarded, browser: Browser) -> None:
    auth = browser_login("https://mcp.example.com/mcp", open_url=browser)
    client = RactoMCPClient(guarded.config, auth=auth)
    with pytest.raises(ConfigurationError, match=r"login is for https://mcp\.example\.com"):
        await client.aopen()
    assert guarded.seen == []


def test_a_blocking_http_client_is_refused(guarded: Guarded, browser: Browser) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    with httpx2.Client(auth=auth) as client, pytest.raises(ConfigurationError, match="async HTTP"):
        client.post(guarded.url)
    assert guarded.seen == []


def test_one_loop_after_another_may_use_a_login(guarded: Guarded, browser: Browser) -> None:
    auth = browser_login(guarded.url, open_url=browser)
    asyncio.run(whoami(guarded, auth))
    with RactoMCPClient(guarded.config, auth=auth) as client:
        assert client.call_tool_sync("whoami").content.endswith(" read")
        assert asyncio.run(whoami(guarded, auth)).endswith(" read")
    assert len(browser.visits) == 1


def test_two_loops_may_not_log_in_at_once(guarded: Guarded, browser: Browser) -> None:
    is_open, may_go_on = threading.Event(), threading.Event()

    def open_url(url: str) -> None:
        is_open.set()
        may_go_on.wait(20)
        browser(url)

    auth = browser_login(guarded.url, open_url=open_url)
    found: list[str] = []
    other = threading.Thread(target=lambda: found.append(asyncio.run(whoami(guarded, auth))))
    other.start()
    try:
        assert is_open.wait(20)
        with pytest.raises(ConfigurationError, match="another event loop"):
            asyncio.run(whoami(guarded, auth))
    finally:
        may_go_on.set()
        other.join(20)
    assert found[0].endswith(" read")


async def test_what_an_authorization_server_says_is_masked_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("mcp.client.auth.oauth2")
    try:
        raise ValueError("input_value={'access_token': 'abcdefghij', 'token_type': 'mac'}")
    except ValueError:
        log.exception("Invalid %s", "response")
    assert "Invalid response" in caplog.text
    assert "token_type" in caplog.text
    assert "abcdefghij" not in caplog.text


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_authorization_server_out_of_order_is_no_refusal(
    status: int, guarded: Guarded, browser: Browser, authority: Authority, harbour: Harbour
) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"hush"})

    auth = browser_login(guarded.url, open_url=browser)
    await whoami(guarded, auth)
    authority.access.clear()
    context = auth.provider.context
    assert context.oauth_metadata is not None
    right = context.oauth_metadata.token_endpoint
    context.oauth_metadata.token_endpoint = AnyHttpUrl(f"{harbour.serve(lambda _: broken)}/token")
    async with httpx2.AsyncClient(auth=auth) as client:
        with pytest.raises(ServerError, match=f"could not renew .* {status}") as caught:
            await client.post(guarded.url, json={})
    assert caught.value.retryable
    context.oauth_metadata.token_endpoint = right
    assert (await whoami(guarded, auth)).endswith(" read")
    assert (authority.renewals, len(browser.visits)) == (1, 1)


async def test_an_unreachable_authorization_server_is_no_refusal(
    guarded: Guarded, browser: Browser, kept: Kept
) -> None:
    store = FileTokenStore(kept.path)
    auth = browser_login(guarded.url, open_url=browser, store=store)
    await whoami(guarded, auth)
    kept.update(expires_at=1)
    kept.update("metadata", token_endpoint="http://127.0.0.1:9/token")
    client = RactoMCPClient(
        guarded.config, auth=browser_login(guarded.url, open_url=browser, store=store)
    )
    with pytest.raises(APIConnectionError):
        await client.aopen()
    assert len(browser.visits) == 1
