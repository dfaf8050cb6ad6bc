"""Which server is meant: files, variables, headers, tokens, and mistakes in them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from racto.tools.mcp import MCPClientConfig
from racto.tools.mcp.cli.exits import CommandError
from racto.tools.mcp.cli.parser import parsed
from racto.tools.mcp.cli.targets import target_of

URL = "http://127.0.0.1:9/mcp"


def config(*arguments: str) -> MCPClientConfig:
    return target_of(parsed(["list", *arguments])).config


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEY", "k-1")
    path = tmp_path / "mcp.json"
    servers: dict[str, Any] = {
        "weather": {"url": URL, "headers": {"X-Key": "${KEY}"}},
        "files": {"command": sys.executable, "args": ["server.py"]},
    }
    path.write_text(json.dumps({"mcpServers": servers}))
    return path


def test_options_stand_anywhere_and_the_command_line_is_left_alone() -> None:
    found = target_of(
        parsed(["call", "--json", "add", "-v", "a=1", "--", "python", "s.py", "--json", "-v"])
    )
    assert (found.config.command, found.config.args) == ("python", ["s.py", "--json", "-v"])
    assert found.words == ("add", "a=1")
    found = target_of(parsed(["call", URL, "--timeout", "3", "add", "--args", "-", "a=-1"]))
    assert (found.config.url, found.config.timeout) == (URL, 3.0)
    assert found.words == ("add", "a=-1")


def test_a_command_line_in_quotes_and_the_older_transport() -> None:
    assert config(f"{sys.executable} -m server").args == ["-m", "server"]
    assert config("https://example.com/sse").transport == "sse"
    assert config("https://example.com/old", "--transport", "sse").transport == "sse"


def test_a_server_of_a_file(file: Path) -> None:
    found = config("--config", str(file), "--server", "weather", "--header", "X-More: a: b")
    assert found.headers == {"X-Key": "k-1", "X-More": "a: b"}
    with pytest.raises(CommandError, match="choose one with --server: weather, files"):
        config("--config", str(file))
    with pytest.raises(CommandError, match="no server 'wether'; did you mean 'weather'"):
        config("--config", str(file), "--server", "wether")
    with pytest.raises(CommandError, match="cannot be read as JSON"):
        config("--config", "no-such.json")


def test_variables_and_tokens_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s-1")
    found = config("--env", "A=b=c", "--env", "SECRET", "--", "python")
    assert found.env == {"A": "b=c", "SECRET": "s-1"}
    token = config(URL, "--token-env", "SECRET").token
    assert token is not None
    assert token.get_secret_value() == "s-1"
    with pytest.raises(CommandError, match="--token-env NO_SUCH: the environment has no"):
        config(URL, "--token-env", "NO_SUCH")
    with pytest.raises(CommandError, match="--env NO_SUCH"):
        config("--env", "NO_SUCH", "--", "python")


def test_times_and_eras() -> None:
    assert config(URL, "--timeout", "none").timeout is None
    assert config(URL).timeout == 60.0
    assert config(URL, "--protocol", "handshake").protocol == "handshake"
    assert config(URL, "--open-timeout", "2").open_timeout == 2.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add",), "'add' is no server: give a URL"),
        (("localhost:8000/mcp",), "is http://localhost:8000/mcp meant"),
        (("--config", "a.json", "--", "python"), "name two servers"),
        (("--server", "a", URL), "--server names a server of the file"),
        ((URL, "--header", "nonsense"), "--header is written"),
        ((URL, "--env", "A=b"), "command, args and env are for stdio"),
        (("--token-file", "/no/such", URL), "/no/such cannot be read"),
        (("--header", "A: b", "--", "python"), "for the HTTP transports"),
        (("http:///mcp",), "name a host"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(CommandError, match=says.replace("(", r"\(")):
        config(*arguments)


def test_a_login_is_for_addresses(quick: Any) -> None:
    done = quick("list", "--login", "--", sys.executable)
    assert done.returncode == 2
    assert "--login is for servers with a URL" in done.stderr
