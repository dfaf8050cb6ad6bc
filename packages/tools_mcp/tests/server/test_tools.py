"""The shelf of tools: many of them, shared, proxied, and clashing."""

from __future__ import annotations

import pytest
from mcp import Client, MCPError
from pydantic import BaseModel

from racto.core import ConfigurationError, ToolAnnotations, ToolRegistry, ToolSchema
from racto.tools.mcp.server import RactoMCPServer, ServerLimits


def add(a: int, b: int = 2) -> int:
    """Add numbers.

    Args:
        a: The first.
        b: The second.
    """
    return a + b


class Wish(BaseModel):
    """A model without a function."""

    what: str


async def test_a_thousand_tools_come_in_pages(dial) -> None:
    registry = ToolRegistry([add])
    (schema,) = registry
    registry.remove("add")
    for number in range(1000):
        registry.add(schema.model_copy(update={"name": f"add_{number}"}), add)
    server = RactoMCPServer.from_registry(registry, limits=ServerLimits(page_size=300))
    async with dial(server) as client:
        names, cursor, pages = [], None, 0
        while True:
            page = await client.list_tools(cursor=cursor)
            names += [tool.name for tool in page.tools]
            pages, cursor = pages + 1, page.next_cursor
            if cursor is None:
                break
        assert names == [f"add_{number}" for number in range(1000)]
        assert pages == 4
        with pytest.raises(MCPError, match="not one of this server's"):
            await client.list_tools(cursor="tomorrow")
        assert (await client.call_tool("add_999", {"a": 1})).structured_content == {"result": 3}


async def test_the_schema_comes_from_the_function(dial) -> None:
    server = RactoMCPServer("shelf")
    server.add_tool(add)
    async with dial(server) as client:
        (tool,) = (await client.list_tools()).tools
    assert (tool.name, tool.description) == ("add", "Add numbers.")
    assert tool.input_schema["properties"]["a"]["description"] == "The first."
    assert tool.input_schema["required"] == ["a"]
    assert tool.output_schema is not None
    assert tool.output_schema["properties"] == {"result": {"type": "integer"}}


async def test_a_shared_registry_shows_what_comes_later(dial) -> None:
    registry = ToolRegistry([Wish])
    server = RactoMCPServer.from_registry(registry)
    async with dial(server) as client:
        assert (await client.list_tools()).tools == []
        registry.register(add)
        assert [tool.name for tool in (await client.list_tools()).tools] == ["add"]
        registry.register(lambda a: a * 2, name="add", description="Double.", replace=True)
        (tool,) = (await client.list_tools()).tools
        assert tool.description == "Double."
        registry.remove("add")
        assert (await client.call_tool("add", {"a": 1})).is_error


async def test_a_remote_tools_schemas_stay_whole(dial) -> None:
    schema = ToolSchema(
        name="remote",
        description="Far away.",
        title="Remote",
        json_schema={"type": "object", "properties": {"x": {"$ref": "#/$defs/n"}},
                     "$defs": {"n": {"type": "integer", "minimum": 3}}},
        output_schema={"type": "object", "properties": {"y": {"type": "integer"}},
                       "required": ["y"]},
        annotations=ToolAnnotations(read_only=True, open_world=False),
    )  # fmt: skip
    registry = ToolRegistry()
    registry.add(schema, lambda x: {"y": x} if x < 9 else {"z": x})
    async with dial(RactoMCPServer.from_registry(registry)) as client:
        (tool,) = (await client.list_tools()).tools
        assert tool.input_schema == schema.json_schema
        assert tool.output_schema == schema.output_schema
        assert tool.title == "Remote"
        assert tool.annotations is not None
        assert (tool.annotations.read_only_hint, tool.annotations.open_world_hint) == (True, False)
        assert (await client.call_tool("remote", {"x": 3})).structured_content == {"y": 3}
        assert "at least 3" in (await client.call_tool("remote", {"x": 2})).content[0].text
        lie = await client.call_tool("remote", {"x": 9})
        assert lie.is_error
        assert "output schema" in lie.content[0].text


def test_a_name_belongs_to_one_tool() -> None:
    server = RactoMCPServer("shelf")
    server.add_tool(add)
    with pytest.raises(ConfigurationError, match="'add'"):
        server.add_tool(add)
    with pytest.raises(ConfigurationError, match="'add'"):
        server.add_registry(ToolRegistry([add]))
    with pytest.raises(ConfigurationError, match="without a function"):
        server.add_tool(Wish)
    registry = ToolRegistry([Wish])
    server.add_registry(registry)
    server.add_registry(registry)


async def test_of_two_later_namesakes_the_first_wins(dial_modern, caplog) -> None:
    server, shared = RactoMCPServer("shelf"), ToolRegistry()
    server.add_registry(shared)
    server.add_tool(add)
    shared.register(lambda a: "shared", name="add")
    async with dial_modern(server) as client:
        assert len((await client.list_tools()).tools) == 1
        assert (await client.call_tool("add", {"a": 1})).content[0].text == "3"
    assert "the first wins" in caplog.text


async def test_what_a_tool_does_to_the_world_is_listed() -> None:
    server = RactoMCPServer("hints")

    @server.tool(annotations=ToolAnnotations(read_only=True, open_world=False))
    def look() -> str:
        """Look."""
        return "seen"

    async with server.listening() as address, Client(f"{address}/mcp") as client:
        (listed,) = (await client.list_tools()).tools
    assert listed.annotations is not None
    assert listed.annotations.read_only_hint is True
    assert listed.annotations.open_world_hint is False
    assert listed.annotations.destructive_hint is None
