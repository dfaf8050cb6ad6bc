"""What can be served, and clear words for what cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.tools.mcp import RactoMCPClient  # noqa: F401 - loaded before modules come and go
from racto.tools.mcp.cli.exits import CommandError
from racto.tools.mcp.cli.modules import server_of
from racto.tools.mcp.server import RactoMCPServer

MODULE = '''
import os
from racto.core import ToolRegistry, tool
from racto.tools.mcp.server import RactoMCPServer, ToolContext

print("importing")
os.system("echo from a child")

registry = ToolRegistry()

@registry.register
def add(a: int, b: int) -> int:
    """Add."""
    return a + b

def twice(x: int) -> int:
    """Double."""
    return 2 * x

def told(x: int, context: ToolContext) -> str:
    """Takes a context."""
    return context.client_name

@tool
def marked() -> str:
    """Marked."""
    return "m"

class Shelf:
    tools = [twice, marked]

def odd(shelf: Shelf) -> str:
    """Takes what no client can give."""
    return "odd"

ready = RactoMCPServer("ready")
number = 3
empty = []
'''


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop_tools.py").write_text(MODULE)
    (tmp_path / "shop_marked.py").write_text(
        "from racto.core import tool\n@tool\ndef one() -> str:\n    'One.'\n    return '1'\n"
    )
    (tmp_path / "shop_broken.py").write_text("1 / 0\n")
    (tmp_path / "shop_needs.py").write_text("import no_such_library\n")
    yield
    for name in [name for name in sys.modules if name.startswith("shop_")]:
        del sys.modules[name]


def names(server: RactoMCPServer) -> list[str]:
    return [each.schema.name for each in server._tools]


@pytest.mark.parametrize(
    ("target", "tools"),
    [
        ("shop_tools:registry", ["add"]),
        ("shop_tools", ["add"]),
        ("shop_tools.py:registry", ["add"]),
        ("shop_tools:twice", ["twice"]),
        ("shop_tools:told", ["told"]),
        ("shop_tools:Shelf.tools", ["twice", "marked"]),
        ("shop_marked", ["one"]),
    ],
)
def test_what_can_be_served(target: str, tools: list[str]) -> None:
    server = server_of(target)
    assert names(server) == tools
    assert server.name == ("shop_marked" if target == "shop_marked" else "shop_tools")


def test_a_server_is_served_as_it_is() -> None:
    assert server_of("shop_tools:ready").name == "ready"
    assert server_of("shop_tools:twice", name="mine").name == "mine"
    with pytest.raises(CommandError, match="which sets name itself"):
        server_of("shop_tools:ready", name="mine")


def test_what_a_module_prints_stays_off_the_wire(capfd: pytest.CaptureFixture[str]) -> None:
    server_of("shop_tools:registry")
    out, err = capfd.readouterr()
    assert out == ""
    assert "from a child" in err


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("shop_tool:registry", "no module 'shop_tool' .* did you mean shop_tools"),
        ("shop_tools:registri", "has no 'registri'; did you mean registry"),
        ("shop_tools:number", "is of type int, and can be served if it is a ToolRegistry"),
        ("shop_tools:Shelf", "is a class, and can be served if"),
        ("shop_tools:empty", "is an empty list"),
        ("shop_needs", "needs a module that is not installed: .*no_such_library"),
        ("shop_broken", "importing shop_broken failed: ZeroDivisionError"),
        ("nowhere.py", "there is no file nowhere.py"),
        ("json", "the module json has no server, registry or tools, and no @tool"),
        ("shop_tools:odd", "shop_tools:odd cannot be served: .*shelf"),
    ],
)
def test_what_cannot_be_served(target: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        server_of(target)
