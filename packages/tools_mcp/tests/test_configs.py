"""Configurations are complete, frozen, and keep their secrets."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from racto.core import ConfigurationError
from racto.tools.mcp import MCPClientConfig, MCPServerConfig


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "needs command="),
        ({"transport": "stdio", "command": "x", "url": "http://a/"}, "are for the HTTP transports"),
        ({"transport": "stdio", "command": "x", "token": "t"}, "are for the HTTP transports"),
        ({"transport": "sse"}, "needs url="),
        ({"transport": "streamable-http", "url": "ftp://a/"}, "must begin with http"),
        ({"transport": "streamable-http", "url": "http://"}, "name a host"),
        ({"transport": "sse", "url": "http://a/", "command": "x"}, "are for stdio"),
        ({"transport": "sse", "url": "http://a/", "headers": {"X": "a\r\nY: b"}}, "no HTTP header"),
        ({"transport": "pigeon", "command": "x"}, "transport"),
        ({"command": "x", "timeout": 0}, "timeout"),
        ({"command": "x", "comand": "y"}, "comand"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        MCPClientConfig(**given)


def test_a_configuration_is_frozen() -> None:
    config = MCPClientConfig(command="x")
    with pytest.raises(ValidationError, match="frozen"):
        config.command = "y"
    with pytest.raises(ValidationError, match="frozen"):
        MCPServerConfig(name="x").name = "y"


def test_nothing_secret_is_printed() -> None:
    web = MCPClientConfig(
        transport="sse", url="http://a/", token="t0ken", headers={"X-Key": "h3ader"}
    )
    local = MCPClientConfig(command="x", env={"KEY": "s3cret"})
    shown = f"{web!r} {web} {local!r} {local}"
    assert not any(word in shown for word in ("t0ken", "h3ader", "s3cret"))


@pytest.mark.parametrize(
    ("target", "transport", "label"),
    [
        ("https://host.example/mcp", "streamable-http", "host_example"),
        ("http://127.0.0.1:8000/sse", "sse", "127_0_0_1_8000"),
        ("http://127.0.0.1:8000/sse/", "sse", "127_0_0_1_8000"),
        ("python -m weather --verbose", "stdio", "weather"),
        ("uvx mcp-server-time", "stdio", "mcp-server-time"),
        ("/opt/tools/search", "stdio", "search"),
        ("npx -y '@scope/server everything'", "stdio", "server_everything"),
        ("node /srv/app/index.js", "stdio", "index"),
        ("python", "stdio", "python"),
    ],
)
def test_targets_of_a_command_line(target: str, transport: str, label: str) -> None:
    config = MCPClientConfig.from_target(target)
    assert (config.transport, config.label) == (transport, label)


@pytest.mark.parametrize("target", ["", "   ", "python 'unclosed"])
def test_a_target_that_is_none(target: str) -> None:
    with pytest.raises(ConfigurationError):
        MCPClientConfig.from_target(target)


def test_options_go_with_a_target() -> None:
    config = MCPClientConfig.from_target("http://a/x", transport="sse", name="mine", timeout=3)
    assert (config.transport, config.label, config.timeout) == ("sse", "mine", 3)
