"""Host and Origin: what a policy takes, and what makes a policy unsafe."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import ConfigurationError
from racto.tools.mcp.server.guards import HostPolicy, is_loopback, policy_of


def policy(host: str | None = "127.0.0.1", **more: Any) -> HostPolicy:
    settings: dict[str, Any] = {
        "allowed_hosts": None,
        "allowed_origins": (),
        "has_auth": False,
        "allow_unauthenticated": False,
    }
    return policy_of(host, **{**settings, **more})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "[::1]:80", "LOCALHOST"]
)
def test_this_machines_names_are_taken(host: str) -> None:
    assert policy().takes_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "127.0.0.1:80.evil.example", "127.0.0.1.evil.example", "localhost:",
        "127.0.0.1:99999999", "localhost@evil.example", "localhost, evil.example", "10.0.0.1",
        "127.0.0.1\r\nx", "[::1].evil.example", "localhost:80:80",
    ],
)  # fmt: skip
def test_others_are_not(host: str) -> None:
    assert not policy().takes_host(host)


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("http://127.0.0.1:3000", True),
        ("http://localhost", True),
        ("https://evil.example", False),
        ("http://localhost:80.evil.example", False),
        ("http://localhost.evil.example", False),
        ("null", False),
        ("file://", False),
    ],
)
def test_origins_are_this_machines_pages(origin: str, taken: bool) -> None:
    assert policy().takes_origin(origin, "127.0.0.1:8000") is taken


def test_named_hosts_and_origins_are_taken_with_a_token() -> None:
    found = policy(
        None,
        allowed_hosts=["tools.example.com", "other.example:8443"],
        allowed_origins=["https://app.example.com", "http://dev.example:*"],
        has_auth=True,
    )
    for host in ("tools.example.com", "tools.example.com:444", "other.example:8443", "localhost:1"):
        assert found.takes_host(host), host
    assert not found.takes_host("other.example:80")
    for origin, taken in [
        ("https://app.example.com", True),
        ("http://app.example.com", False),
        ("https://app.example.com:8443", False),
        ("https://app.example.com.evil.example", False),
        ("http://dev.example:3000", True),
        ("http://dev.example", True),
        ("http://dev.example:3000.evil.example", False),
        ("https://tools.example.com", True),
    ]:
        assert found.takes_origin(origin, "tools.example.com") is taken, origin


def test_stars_take_all() -> None:
    found = policy(None, allowed_hosts=["*"], allowed_origins=["*"], has_auth=True)
    assert found.takes_host("anything.example")
    assert found.takes_origin("null", "x")


@pytest.mark.parametrize(
    ("host", "more"),
    [
        ("0.0.0.0", {}),
        ("::", {}),
        ("192.168.1.5", {}),
        ("example.com", {}),
        ("127.0.0.1", {"allowed_hosts": ["tools.example.com"]}),
        (None, {"allowed_hosts": ["tools.example.com"]}),
        (None, {"allowed_hosts": ["*"]}),
        (None, {"allowed_hosts": ["127.0.0.1.evil.example"]}),
    ],
)
def test_an_open_server_needs_tokens_or_a_waiver(host: str | None, more: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="allow_unauthenticated=True"):
        policy(host, **more)
    policy(host, has_auth=True, **more)
    policy(host, allow_unauthenticated=True, **more)


def test_an_open_server_answers_to_addresses_and_no_names() -> None:
    found = policy("0.0.0.0", allow_unauthenticated=True)
    assert found.takes_host("192.168.1.5:8000")
    assert found.takes_host("[fe80::1]:8000")
    assert not found.takes_host("rebound.evil.example:8000")
    assert policy("0.0.0.0", has_auth=True).takes_host("any.example")


def test_loopback_is_told_apart() -> None:
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]:3"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "localhost.evil.example", "*", ""]))
