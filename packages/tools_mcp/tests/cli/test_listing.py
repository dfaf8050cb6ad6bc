"""racto-mcp list: what is offered, for people and for machines."""

from __future__ import annotations

import io
import json
import os
from typing import Any

import pytest

from racto.core import ToolAnnotations, ToolSchema
from racto.tools.mcp.cli.console import Console
from racto.tools.mcp.cli.listing import marks, parameters_line, show_tools


def test_tools_are_the_default(quick: Any, sdk_url: str) -> None:
    done = quick("list", sdk_url)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "sdk-peer 1.2.3"
    place = lines.index("add")
    assert lines[place + 1 : place + 3] == [
        "    Add two integers.",
        "    a: integer, b: integer",
    ]
    assert "config://app" not in done.stdout


def test_all_of_it(quick: Any, sdk_url: str) -> None:
    done = quick("list", sdk_url, "--all")
    assert "2 resources, 1 template" in done.stdout
    assert "users://{name}/profile" in done.stdout
    assert "greet\n    Greet somebody.\n    name, style?\n" in done.stdout
    assert "config://app\n    (text/plain) config: The configuration.\n" in done.stdout


def test_json_for_machines(quick: Any, sdk_url: str) -> None:
    data = json.loads(quick("list", sdk_url, "--json", "--all").stdout)
    assert sorted(data) == ["prompts", "resource_templates", "resources", "server", "tools"]
    assert data["server"]["name"] == "sdk-peer"
    assert data["server"]["capabilities"] == sorted(data["server"]["capabilities"])
    (add,) = (tool for tool in data["tools"] if tool["name"] == "add")
    assert add["input_schema"]["properties"]["a"]["type"] == "integer"
    assert sorted(add) == [
        "annotations", "description", "input_schema", "name", "output_schema", "title"
    ]  # fmt: skip
    (greet,) = data["prompts"]
    assert greet["arguments"][1] == {"name": "style", "description": "", "required": False}
    only = json.loads(quick("list", sdk_url, "--json", "--prompts").stdout)
    assert sorted(only) == ["prompts", "server"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (None, ""),
        (ToolAnnotations(), ""),
        (ToolAnnotations(read_only=True, destructive=True, idempotent=True), "  [read-only]"),
        (ToolAnnotations(destructive=True, open_world=True), "  [destructive, open world]"),
    ],
)
def test_marks(said: ToolAnnotations | None, shown: str) -> None:
    assert marks(said) == shown


def test_parameters_in_a_line() -> None:
    tool = ToolSchema(
        name="t",
        json_schema={
            "type": "object",
            "properties": {
                "a": {"type": "string"},
                "b": {"enum": ["x", "y"], "default": "x"},
                "c": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["a"],
        },
    )
    assert parameters_line(tool) == 'a: string, b?: "x"|"y" = "x", c?: integer[]'


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_line_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "dumb")
    assert os.environ["COLUMNS"] == "40"
    properties = {f"parameter_{number}": {"type": "string"} for number in range(9)}
    tool = ToolSchema(
        name="tool_with_a_long_name",
        description="word " * 30 + "\x1b[2J",
        json_schema={"type": "object", "properties": properties},
    )
    screen, pipe = _Screen(), io.StringIO()
    show_tools(Console(screen), [tool])
    show_tools(Console(pipe), [tool])
    assert max(map(len, screen.getvalue().splitlines())) <= 40
    assert "parameter_8" in screen.getvalue()
    # A pipe gets all of it, for grep.
    assert f"{'word ' * 30}\\x1b[2J" in pipe.getvalue()
