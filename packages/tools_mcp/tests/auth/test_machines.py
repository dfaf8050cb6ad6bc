"""Logins of programs: by secret and by assertion, at the issuer and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from racto.core import ConfigurationError, RactoGatewayAuthError
from racto.tools.mcp import RactoMCPClient
from racto.tools.mcp.auth import FileTokenStore, OAuth, client_credentials, private_key_jwt

if TYPE_CHECKING:
    from conftest import Authority, Guarded, Kept


async def whoami(guarded: Guarded, auth: OAuth) -> str:
    async with RactoMCPClient(guarded.config, auth=auth) as client:
        return (await client.call_tool("whoami")).content


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_secret_is_enough(
    method: Literal["client_secret_basic", "client_secret_post"],
    guarded: Guarded,
    authority: Authority,
    issuer: str,
) -> None:
    authority.secrets["nightly job"] = "s3cret:/&"
    auth = client_credentials(
        guarded.url,
        client_id="nightly job",
        client_secret="s3cret:/&",
        issuer=issuer,
        scopes=["read", "write"],
        method=method,
    )
    assert await whoami(guarded, auth) == "nightly job read write"
    assert await whoami(guarded, auth) == "nightly job read write"
    assert authority.grants == 1
    assert authority.clients == {}


async def test_the_environment_may_hold_the_secret(
    guarded: Guarded, authority: Authority, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.secrets["job"] = "from outside"
    monkeypatch.setenv("RACTO_MCP_CLIENT_SECRET", "from outside")
    auth = client_credentials(guarded.url, client_id="job", issuer=issuer)
    assert await whoami(guarded, auth) == "job read"


def test_no_secret_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RACTO_MCP_CLIENT_SECRET", raising=False)
    with pytest.raises(ConfigurationError, match="RACTO_MCP_CLIENT_SECRET"):
        client_credentials(
            "https://mcp.example.com/mcp", client_id="job", issuer="https://login.example.com"
        )


async def test_a_wrong_secret_is_no_login_and_not_told(
    guarded: Guarded, authority: Authority, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    authority.secrets["job"] = "right"
    auth = client_credentials(
        guarded.url, client_id="job", client_secret="wrong-0123456789", issuer=issuer
    )
    client = RactoMCPClient(guarded.config, auth=auth)
    with pytest.raises(RactoGatewayAuthError, match="invalid_client") as caught:
        await client.aopen()
    assert "wrong-0123456789" not in f"{caught.value} {auth!r} {caplog.text}"


async def test_the_secret_goes_to_its_issuer_only(guarded: Guarded, authority: Authority) -> None:
    authority.secrets["job"] = "right"
    auth = client_credentials(
        guarded.url, client_id="job", client_secret="right", issuer="https://login.example.com"
    )
    client = RactoMCPClient(guarded.config, auth=auth)
    with pytest.raises(RactoGatewayAuthError, match=r"login\.example\.com"):
        await client.aopen()
    assert authority.grants == 0


async def test_a_stored_token_serves_a_later_process_until_it_is_refused(
    guarded: Guarded, authority: Authority, issuer: str, kept: Kept
) -> None:
    authority.secrets["job"] = "right"

    def login() -> OAuth:
        return client_credentials(
            guarded.url,
            client_id="job",
            client_secret="right",
            issuer=issuer,
            store=FileTokenStore(kept.path),
        )

    await whoami(guarded, login())
    await whoami(guarded, login())
    assert authority.grants == 1
    authority.access.clear()
    assert await whoami(guarded, login()) == "job read"
    assert authority.grants == 2
    assert "right" not in kept.text()


async def test_a_renewing_token_in_the_store_does_not_take_the_secret_elsewhere(
    guarded: Guarded, authority: Authority, issuer: str, kept: Kept
) -> None:
    authority.secrets["job"] = "right"
    auth = client_credentials(
        guarded.url,
        client_id="job",
        client_secret="right",
        issuer=issuer,
        store=FileTokenStore(kept.path),
    )
    await whoami(guarded, auth)
    kept.update("tokens", refresh_token="r")
    authority.access.clear()
    guarded.seen.clear()
    again = client_credentials(
        guarded.url,
        client_id="job",
        client_secret="right",
        issuer=issuer,
        store=FileTokenStore(kept.path),
    )
    assert await whoami(guarded, again) == "job read"
    # The SDK would try the MCP server's own /token, with the secret in a header.
    assert not [line for line in guarded.seen if "/token" in line or "Basic" in line]


async def test_an_assertion_is_enough(guarded: Guarded, authority: Authority, issuer: str) -> None:
    asked: list[str] = []

    async def assert_to(audience: str) -> str:
        asked.append(audience)
        return "signed"

    authority.assertions = lambda token: token == "signed"
    auth = private_key_jwt(
        guarded.url, client_id="robot", issuer=issuer, assert_to=assert_to, scopes=["read"]
    )
    assert await whoami(guarded, auth) == "robot read"
    assert asked == [f"{issuer}/"]
