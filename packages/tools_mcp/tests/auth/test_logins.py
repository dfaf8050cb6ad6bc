"""What is remembered of a login, and under which key."""

from __future__ import annotations

import time

import pytest
from mcp.shared.auth import OAuthToken

from racto.core import ConfigurationError
from racto.tools.mcp.auth import Login
from racto.tools.mcp.auth.logins import key_of


def test_a_login_is_fresh_while_its_time_lasts() -> None:
    token = OAuthToken(access_token="a")
    assert Login(tokens=token).is_fresh
    assert Login(tokens=token, expires_at=time.time() + 60).is_fresh
    assert not Login(tokens=token, expires_at=time.time() - 60).is_fresh
    assert not Login(expires_at=time.time() + 60).is_fresh


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp"),
        ("HTTPS://MCP.Example.com:443/mcp#part", "https://mcp.example.com/mcp"),
        ("https://me:hush@mcp.example.com/mcp", "https://mcp.example.com/mcp"),
        ("http://127.0.0.1:8000/mcp?tenant=a", "http://127.0.0.1:8000/mcp?tenant=a"),
    ],
)
def test_a_server_has_one_key_however_it_is_written(url: str, key: str) -> None:
    assert key_of(url) == key
    assert key_of(url, "job") == f"{key}#job"


@pytest.mark.parametrize(
    "url", ["mcp.example.com", "ftp://mcp.example.com", "http://", "http://h:x"]
)
def test_what_is_no_server_has_no_key(url: str) -> None:
    with pytest.raises(ConfigurationError, match="server_url"):
        key_of(url)
