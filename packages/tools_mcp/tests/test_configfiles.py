"""Server lists of desktop programs are read, and what is wrong in them is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from racto.core import ConfigurationError
from racto.tools.mcp import load_configs


def write(folder: Path, data: Any) -> Path:
    """Write a configuration file."""
    path = folder / "mcp.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return path


def test_the_common_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "k3y")
    path = write(
        tmp_path,
        {
            "mcpServers": {
                "files": {"command": "npx", "args": ["-y", "files", "${HOME_OF:-/srv}"]},
                "web": {"url": "https://a.example/mcp", "headers": {"X-Key": "${env:TEAM_KEY}"}},
                "old": {"type": "sse", "url": "https://a.example/sse"},
                "typed": {"type": "http", "url": "https://a.example/mcp", "autoApprove": ["x"]},
                "off": {"command": "x", "disabled": True},
            },
            "theme": "dark",
        },
    )
    found = load_configs(path)
    assert list(found) == ["files", "web", "old", "typed"]
    assert found["files"].args == ["-y", "files", "/srv"]
    assert found["files"].label == "files"
    assert found["web"].headers == {"X-Key": "k3y"}
    assert [found[name].transport for name in found] == [
        "stdio",
        "streamable-http",
        "sse",
        "streamable-http",
    ]


def test_the_format_of_vs_code(tmp_path: Path) -> None:
    path = write(tmp_path, {"servers": {"a": {"type": "stdio", "command": "x", "env": {"A": "1"}}}})
    assert load_configs(str(path))["a"].env == {"A": "1"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", 'no object "mcpServers"'),
        ("{}", 'no object "mcpServers"'),
        ({"mcpServers": []}, 'no object "mcpServers"'),
        ({"mcpServers": {"a": 3}}, "server 'a' is no object"),
        ({"mcpServers": {"a": {"command": 3}}}, "server 'a', command"),
        ({"mcpServers": {"a": {}}}, "server 'a'.*needs url="),
        ({"mcpServers": {"a": {"type": "pigeon", "url": "http://a"}}}, "server 'a', transport"),
        ({"mcpServers": {"a": {"command": "${NO_SUCH_VARIABLE}"}}}, "NO_SUCH_VARIABLE, which is"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, data: Any, problem: str) -> None:
    path = write(tmp_path, data)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_configs(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nothing\.json"):
        load_configs(tmp_path / "nothing.json")
