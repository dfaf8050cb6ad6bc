"""Resources over the wire: texts, bytes, functions, templates, and paths that lead out."""

from __future__ import annotations

import base64
import threading

import pytest
from mcp import MCPError

from racto.core import ConfigurationError, RactoFile
from racto.tools.mcp.server import RactoMCPServer, ServerLimits, ToolContext


def stocked() -> RactoMCPServer:
    server = RactoMCPServer("resources", limits=ServerLimits(max_result_bytes=1000))
    server.add_resource("config://app", "debug = no", description="Settings.")
    server.add_resource("logo://small", b"\x89PNG", mime_type="image/png", name="logo")

    @server.resource("users://{id}/profile")
    def profile(id: int) -> dict[str, int]:
        """One user's profile."""
        return {"id": id}

    @server.resource("notes://{+path}")
    async def note(path: str, context: ToolContext) -> str:
        return f"{path} for {context.client_name is not None}"

    @server.resource("raw://{+path}", allow_paths=True)
    def raw(path: str) -> str:
        return path

    @server.resource("find://all{?word,most}")
    def find(word: str = "none", most: int = 3) -> str:
        return f"{word} {most}"

    @server.resource("thread://name")
    def thread() -> bool:
        return threading.current_thread() is threading.main_thread()

    @server.resource("file://report")
    def report() -> RactoFile:
        return RactoFile.from_bytes(b"%PDF", "application/pdf", "r.pdf")

    @server.resource("fail://now")
    def fail() -> str:
        raise OSError("disk is full")

    @server.resource("big://now")
    def big() -> str:
        return "x" * 1001

    return server


async def test_resources_are_listed(dial) -> None:
    async with dial(stocked()) as client:
        listed = {item.uri: item for item in (await client.list_resources()).resources}
        templates = (await client.list_resource_templates()).resource_templates
    assert listed["config://app"].description == "Settings."
    assert listed["config://app"].size == 10
    assert listed["logo://small"].name == "logo"
    assert next(item.uri_template for item in templates) == "users://{id}/profile"
    assert templates[0].name == "profile"
    assert templates[0].description == "One user's profile."


async def test_resources_are_read(dial) -> None:
    async with dial(stocked()) as client:

        async def read(uri: str) -> tuple[str | None, str]:
            (held,) = (await client.read_resource(uri)).contents
            text = getattr(held, "text", None)
            return held.mime_type, text if text is not None else held.blob

        assert await read("config://app") == ("text/plain", "debug = no")
        assert await read("logo://small") == ("image/png", base64.b64encode(b"\x89PNG").decode())
        assert await read("users://7/profile") == ("application/json", '{"id":7}')
        assert await read("notes://a/b%20c") == ("text/plain", "a/b c for True")
        assert await read("find://all?most=5&word=x") == ("text/plain", "x 5")
        assert await read("find://all") == ("text/plain", "none 3")
        assert await read("thread://name") == ("application/json", "false")
        assert await read("file://report") == ("application/pdf", "JVBERg==")
        assert await read("raw://../etc/passwd") == ("text/plain", "../etc/passwd")


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("nothing://here", "no resource"),
        ("users://x/profile", "id: Input should be a valid integer"),
        ("notes://../secret", "no resource"),
        ("notes://a/..%2F..%2F..%2Fetc", "no resource"),
        ("notes:///etc/passwd", "no resource"),
        ("notes://a%00b", "no resource"),
        ("fail://now", "OSError: disk is full"),
        ("big://now", "1,001 bytes"),
    ],
)
async def test_what_cannot_be_read_is_told(dial_modern, uri: str, told: str) -> None:
    async with dial_modern(stocked()) as client:
        with pytest.raises(MCPError, match=told):
            await client.read_resource(uri)


def test_what_makes_no_sense_is_refused() -> None:
    server = stocked()
    with pytest.raises(ConfigurationError, match="already"):
        server.add_resource("config://app", "again")
    with pytest.raises(ConfigurationError, match="no URI"):
        server.add_resource("config", "text")
    with pytest.raises(ConfigurationError, match="needs a function"):
        server.add_resource("a://{b}", "text")
    with pytest.raises(ConfigurationError, match="the same names"):
        server.add_resource("a://{b}", lambda c: c)
    with pytest.raises(ConfigurationError, match="the same names"):
        server.add_resource("a://{b}", lambda b, c: c)
    with pytest.raises(ConfigurationError, match="no URI template"):
        server.add_resource("a://{b", lambda b: b)
    with pytest.raises(ConfigurationError, match="text, bytes or a function"):
        server.add_resource("a://c", 3)  # type: ignore[arg-type]
