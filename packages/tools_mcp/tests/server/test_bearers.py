"""Bearer tokens: mappings, functions, verifiers of the SDK, and what is not let in."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings

from racto.core import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer
from racto.tools.mcp.server.bearers import BearerGate

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def sync(token: str) -> str | None:
    if token == "raise":
        raise OSError("directory is down")
    return "ann" if token == "good-é" else None


async def asynchronous(token: str) -> str | None:
    return sync(token)


class Verifier:
    """A verifier of the SDK's kind."""

    async def verify_token(self, token: str) -> AccessToken | None:
        client = sync(token)
        return AccessToken(token=token, client_id=client, scopes=["read"]) if client else None


@pytest.mark.parametrize(
    "auth", [{"good-é": "ann", "other": "bob"}, sync, asynchronous, Verifier()]
)
async def test_only_good_tokens_are_let_in(auth: Any, caplog: Any) -> None:
    server = RactoMCPServer("bearers", auth=auth)
    async with server.listening() as address, httpx2.AsyncClient() as web:
        for path, method in (("/mcp", "POST"), ("/sse", "GET"), ("/messages/", "POST")):
            for token in (None, "", "bad", "raise", "good-"):
                headers = {**ACCEPT, **({"Authorization": f"Bearer {token}"} if token else {})}
                refused = await web.request(method, address + path, json=PING, headers=headers)
                assert refused.status_code == 401, (path, token)
                assert refused.headers["www-authenticate"].startswith("Bearer ")
                assert "good-é" not in refused.text
        headers = {**ACCEPT, "Authorization": "Bearer good-é".encode("latin-1")}
        answer = await web.post(f"{address}/mcp", json=PING, headers=headers)
        # Past the gate: what is missing now is a session.
        assert answer.status_code == 400
    assert "good-é" not in caplog.text


async def test_one_users_session_is_no_other_users() -> None:
    server = RactoMCPServer("bearers", auth={"a-token": "ann", "b-token": "bob"})
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "x", "version": "1"},
        },
    }
    async with server.listening() as address, httpx2.AsyncClient() as web:
        mine = {**ACCEPT, "Authorization": "Bearer a-token"}
        opened = await web.post(f"{address}/mcp", json=hello, headers=mine)
        session = {"mcp-session-id": opened.headers["mcp-session-id"]}
        stolen = {**ACCEPT, **session, "Authorization": "Bearer b-token"}
        assert (await web.post(f"{address}/mcp", json=PING, headers=stolen)).status_code == 404
        answer = await web.post(f"{address}/mcp", json=PING, headers={**mine, **session})
        assert answer.status_code == 200


async def test_oauth_settings_name_the_issuer_and_the_scopes() -> None:
    settings = AuthSettings(
        issuer_url="https://issuer.example",
        resource_server_url="https://tools.example/mcp",
        required_scopes=["write"],
        validate_token_resource=False,
    )
    server = RactoMCPServer("bearers", auth=Verifier(), auth_settings=settings)
    async with server.listening() as address, httpx2.AsyncClient() as web:
        refused = await web.post(f"{address}/mcp", json=PING, headers=ACCEPT)
        where = "https://tools.example/.well-known/oauth-protected-resource/mcp"
        assert where in refused.headers["www-authenticate"]
        told = await web.get(f"{address}/.well-known/oauth-protected-resource/mcp")
        assert told.json()["authorization_servers"] == ["https://issuer.example"]
        headers = {**ACCEPT, "Authorization": "Bearer good-é".encode("latin-1")}
        lacking = await web.post(f"{address}/mcp", json=PING, headers=headers)
        assert lacking.status_code == 403


@pytest.mark.parametrize("auth", [{}, {"": "nobody"}, 3, ["token"]])
def test_no_tokens_are_no_gate(auth: Any) -> None:
    with pytest.raises(ConfigurationError, match="auth"):
        BearerGate.of(auth)
