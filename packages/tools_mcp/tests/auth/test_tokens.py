"""Plain bearer tokens: sent, refused with the right error, and never shown."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from racto.core import PermissionDeniedError, RactoGatewayAuthError
from racto.tools.mcp import MCPClientConfig, RactoMCPClient

if TYPE_CHECKING:
    from conftest import Authority, Guarded


def config_with(guarded: Guarded, token: str, protocol: str = "auto") -> MCPClientConfig:
    return guarded.config.model_copy(update={"token": SecretStr(token), "protocol": protocol})


def token_for(guarded: Guarded, authority: Authority, *scopes: str) -> str:
    return authority.issue("ann", list(scopes), guarded.url).access_token


async def test_a_token_reaches_the_server(guarded: Guarded, authority: Authority) -> None:
    token = token_for(guarded, authority, "read")
    async with RactoMCPClient(config_with(guarded, token)) as client:
        assert (await client.call_tool("whoami")).content == "ann read"
    assert set(guarded.seen) == {f"POST /mcp Bearer {token}"}


@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
async def test_a_wrong_token_is_refused_and_not_told(
    protocol: str, guarded: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    config = config_with(guarded, "wr0ng-token", protocol)
    client = RactoMCPClient(config)
    with pytest.raises(RactoGatewayAuthError, match="401") as caught:
        await client.aopen()
    assert not isinstance(caught.value, PermissionDeniedError)
    assert caught.value.status_code == 401
    assert not caught.value.retryable
    assert "wr0ng-token" not in f"{caught.value!r} {caught.value} {config!r} {config} {caplog.text}"
    assert client.state == "closed" or client.state == "failed"


@pytest.mark.parametrize("protocol", ["auto", "modern", "handshake"])
async def test_a_token_without_the_right_is_forbidden(
    protocol: str, guarded: Guarded, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = token_for(guarded, authority, "write")
    with pytest.raises(PermissionDeniedError, match="403") as caught:
        await RactoMCPClient(config_with(guarded, token, protocol)).aopen()
    assert caught.value.status_code == 403
    assert token not in f"{caught.value} {caplog.text}"


async def test_a_token_that_is_revoked_in_an_open_session(
    guarded: Guarded, authority: Authority
) -> None:
    token = token_for(guarded, authority, "read")
    async with RactoMCPClient(config_with(guarded, token)) as client:
        await client.list_tools()
        authority.access.clear()
        with pytest.raises(RactoGatewayAuthError, match="401"):
            await client.call_tool("whoami")
        assert client.state == "open"
