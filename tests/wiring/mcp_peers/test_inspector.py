"""The inspector of the protocol's authors, by its command line, against a server of racto's.

It is a client of the TypeScript SDK, and speaks today's protocol and that of the handshake.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from node_peers import NodePeers
from services import free_port

from .conftest import running

SERVED = Path(__file__).with_name("served.py")
# Each of them starts Node, and half of them Python too.
pytestmark = pytest.mark.slow

TOKEN = "a-token-for-the-inspector"

Inspect = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root of the served tools over HTTP, both transports at once."""
    port, log = free_port(), tmp_path_factory.mktemp("served") / "log"
    with running([sys.executable, str(SERVED), "streamable-http", str(port)], port, log):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def inspect(peers: NodePeers, tmp_path: Path) -> Inspect:
    """Runs the inspector on a target."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(peers.node), str(peers.inspector), "--cli", "--format", "json"]
        return subprocess.run(
            [*command, "--connect-timeout", "120000", *arguments],
            # It keeps its settings and tokens below the home folder.
            env=os.environ | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=240,
        )

    return run


@pytest.fixture(params=["stdio", "streamable-http", "sse"])
def target(request: pytest.FixtureRequest) -> list[str]:
    """How the inspector reaches the server."""
    if request.param == "stdio":
        return [sys.executable, str(SERVED), "stdio"]
    root = request.getfixturevalue("url")
    return [f"{root}/{'sse' if request.param == 'sse' else 'mcp'}"]


@pytest.fixture(params=["legacy", "modern"])
def ask(request: pytest.FixtureRequest, inspect: Inspect, target: list[str]) -> Callable[..., Any]:
    """Makes one request of the server and returns the result."""
    if request.param == "modern" and target[0].endswith("/sse"):
        pytest.skip("the older transport carries the older protocol only")

    def make(method: str, *options: str) -> Any:
        done = inspect("--protocol-era", request.param, *target, "--method", method, *options)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)["result"]

    return make


def test_tools_are_listed(ask: Callable[..., Any]) -> None:
    tools = {tool["name"]: tool for tool in ask("tools/list")["tools"]}
    assert set(tools) == {"add", "weather", "picture", "fail"}
    add = tools["add"]
    assert add["description"] == "Add two numbers."
    assert add["inputSchema"]["required"] == ["a"]
    assert add["inputSchema"]["properties"]["b"]["default"] == 1
    assert tools["weather"]["outputSchema"]["properties"]["celsius"]["type"] == "number"


def test_tools_are_called(ask: Callable[..., Any]) -> None:
    call = ("--tool-name", "weather", "--tool-arg", "place=Bern")
    told = ask("tools/call", *call)
    assert told["structuredContent"] == {"place": "Bern", "celsius": 21.5}
    assert json.loads(told["content"][0]["text"]) == told["structuredContent"]
    assert not told.get("isError")


def test_resources_are_listed_and_read(ask: Callable[..., Any]) -> None:
    resources = {entry["uri"]: entry for entry in ask("resources/list")["resources"]}
    assert set(resources) == {"notes://today", "notes://pixel"}
    (note,) = ask("resources/read", "--uri", "notes://today")["contents"]
    assert (note["text"], note["mimeType"]) == ("Buy milk.", "text/plain")


def test_prompts_are_listed_and_filled_in(ask: Callable[..., Any]) -> None:
    (prompt,) = ask("prompts/list")["prompts"]
    needed = {entry["name"]: entry.get("required", False) for entry in prompt["arguments"]}
    assert needed == {"name": True, "tone": False}
    (message,) = ask("prompts/get", "--prompt-name", "greet", "--prompt-args", "name=Ada")[
        "messages"
    ]
    assert message["content"]["text"] == "Write a kind greeting for Ada."


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_pictures_and_templates(inspect: Inspect, url: str, era: str) -> None:
    def ask(*arguments: str) -> Any:
        done = inspect("--protocol-era", era, f"{url}/mcp", "--method", *arguments)
        return json.loads(done.stdout)["result"]

    (block,) = ask("tools/call", "--tool-name", "picture")["content"]
    assert (block["type"], block["mimeType"]) == ("image", "image/png")
    assert base64.b64decode(block["data"]).startswith(b"\x89PNG")
    (template,) = ask("resources/templates/list")["resourceTemplates"]
    assert template["uriTemplate"] == "users://{user}/profile"
    (user,) = ask("resources/read", "--uri", "users://ada/profile")["contents"]
    assert user["text"] == "profile of ada"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["fail"], "the disk is full"),
        (["add", "--tool-arg", 'a="one"'], "a"),
        (["nothing"], "nothing"),
    ],
)
def test_failures_are_results_that_a_model_can_read(
    inspect: Inspect, url: str, call: list[str], words: str
) -> None:
    done = inspect(f"{url}/mcp", "--method", "tools/call", "--tool-name", *call)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert words in said
    assert "Traceback" not in said


def test_its_checks_of_portability_find_nothing(inspect: Inspect, url: str) -> None:
    done = inspect(f"{url}/mcp", "--method", "tools/list", "--strict")
    assert done.returncode == 0, done.stderr


def test_a_token_is_asked_for(inspect: Inspect, tmp_path_factory: pytest.TempPathFactory) -> None:
    port, log = free_port(), tmp_path_factory.mktemp("guarded") / "log"
    command = [sys.executable, str(SERVED), "streamable-http", str(port), TOKEN]
    with ExitStack() as stack:
        stack.enter_context(running(command, port, log))
        for path in ("mcp", "sse"):
            listing = [f"http://127.0.0.1:{port}/{path}", "--method", "tools/list"]
            refused = inspect(*listing, "--stored-auth-only")
            assert refused.returncode != 0
            assert "401" in refused.stderr or "auth" in refused.stderr.lower()
            allowed = inspect(*listing, "--header", f"Authorization: Bearer {TOKEN}")
            assert allowed.returncode == 0, allowed.stderr
            assert len(json.loads(allowed.stdout)["result"]["tools"]) == 4
