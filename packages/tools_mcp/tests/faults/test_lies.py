"""Servers that lie about their tools: a lie costs its own tool at most, and no endless loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from racto.core import InvalidResponseError, ToolCallResult
from racto.tools.mcp import RactoMCPClient

# Whether the tool is usable is the client's choice; that nothing breaks is not.
ANY = [
    "schema_is_list",
    "schema_is_text",
    "schema_is_null",
    "schema_is_true",
    "schema_is_missing",
    "schema_is_string_type",
    "schema_is_empty",
    "type_is_unknown",
    "properties_is_list",
    "property_is_text",
    "required_is_text",
    "pattern_is_broken",
    "ref_is_itself",
    "ref_is_circle",
    "ref_is_two_step_circle",
    "ref_is_dangling",
    "ref_is_remote",
    "ref_is_file",
    "schema_is_wide",
    "dialect_is_unknown",
    "name_has_spaces",
    "name_is_emoji",
    "name_is_long",
    "name_is_empty",
    "name_is_number",
    "name_breaks_lines",
    "names_are_same",
    "tool_is_text",
    "tool_is_null",
    "description_is_huge",
    "output_is_text",
    "output_type_is_unknown",
    "output_is_circle",
    "output_ref_is_remote",
]
SOUND = [
    "schema_is_empty",
    "schema_is_wide",
    "dialect_is_unknown",
    "pattern_is_slow",
    "names_are_same",
]
RENAMED = {
    "name_has_spaces": "two words",
    "name_is_emoji": "🔥💣",
    "name_is_long": "n" * 300,
    "name_breaks_lines": "a\nb\x1b[31m",
}


@pytest.mark.parametrize("lie", ANY)
async def test_a_lie_is_survived_in_lists_and_registries(hostile: Any, lie: str) -> None:
    async with RactoMCPClient(hostile("liar", lie)) as client:
        schemas = await client.list_tools()
        registry = await client.to_registry()
        names = [schema.name for schema in schemas]
        assert len(set(names)) == len(names) == len(registry)
        for name in names:
            outcome = await registry.aexecute(ToolCallResult(id="c", name=name, arguments={}))
            assert isinstance(outcome.is_error, bool)
        # A tool may be called by the name that the server gave it, whatever its schema says.
        assert (await client.call_tool("anything")).content == "called anything"
        assert client.state == "open"
    assert len(hostile.starts) == 1


@pytest.mark.parametrize("lie", SOUND)
async def test_what_is_only_odd_is_kept(hostile: Any, lie: str) -> None:
    async with RactoMCPClient(hostile("liar", lie)) as client:
        (schema,) = await client.list_tools()
        assert schema.name == "echo"
        registry = await client.to_registry()
        outcome = await registry.aexecute(ToolCallResult(id="c", name="echo", arguments={}))
    assert not outcome.is_error
    assert outcome.content == "called echo"


@pytest.mark.parametrize("lie", RENAMED)
async def test_an_unfit_name_is_made_to_fit_and_still_reaches_its_tool(
    hostile: Any, lie: str
) -> None:
    async with RactoMCPClient(hostile("liar", lie)) as client:
        registry = await client.to_registry()
        (schema,) = registry.schemas
        assert schema.name.isascii()
        assert 0 < len(schema.name) <= 64
        outcome = await registry.aexecute(ToolCallResult(id="c", name=schema.name, arguments={}))
    assert outcome.content == f"called {RENAMED[lie]}"


async def test_of_two_tools_with_one_name_the_first_is_kept(hostile: Any) -> None:
    async with RactoMCPClient(hostile("liar", "names_are_same")) as client:
        (schema,) = await client.list_tools()
    assert schema.description == "the first"


async def test_a_list_too_deep_to_be_read_is_an_error_at_once(hostile: Any) -> None:
    async with RactoMCPClient(hostile("liar", "schema_is_deep")) as client:
        with pytest.raises(InvalidResponseError, match="liar"):
            await client.list_tools()
        # The list is not needed to call what one knows.
        assert (await client.call_tool("anything")).content == "called anything"


async def test_a_bad_tool_costs_only_itself(hostile: Any) -> None:
    async with RactoMCPClient(hostile("liar", "one_is_bad")) as client:
        assert [schema.name for schema in await client.list_tools()] == ["echo"]


@pytest.mark.parametrize("lie", ["result_breaks_schema", "result_has_no_data"])
async def test_a_result_that_breaks_its_own_schema_is_told(hostile: Any, lie: str) -> None:
    async with RactoMCPClient(hostile("liar", lie)) as client:
        await client.list_tools()
        with pytest.raises(InvalidResponseError, match="weather"):
            await client.call_tool("weather")
        assert client.state == "open"


def test_a_pattern_that_takes_for_ever_freezes_nobody(hostile: Any) -> None:
    # In a process of its own: a regular expression at work cannot be interrupted.
    program = """
import asyncio, sys
from racto.core import RactoGatewayError
from racto.tools.mcp import MCPClientConfig, RactoMCPClient

async def main():
    config = MCPClientConfig.model_validate_json(sys.argv[1])
    async with RactoMCPClient(config) as client:
        await client.list_tools()
        try:
            await client.call_tool("weather", timeout=2.0)
        except RactoGatewayError as error:
            print(type(error).__name__)

asyncio.run(main())
"""
    config = hostile("liar", "output_pattern_is_slow").model_dump_json(exclude={"reconnect"})
    done = subprocess.run(
        [sys.executable, "-c", program, config], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


async def test_a_thousand_tools_come_over_pages(hostile: Any) -> None:
    async with RactoMCPClient(hostile("pages", "many")) as client:
        names = [schema.name for schema in await client.list_tools()]
        assert names == [f"tool-{number:04d}" for number in range(1000)]
        registry = await client.to_registry()
        outcome = await registry.aexecute(ToolCallResult(id="c", name="tool-0999", arguments={}))
    assert outcome.content == "called tool-0999"
    assert len(hostile.received("tools/list")) in (10, 20)


@pytest.mark.parametrize("kind", ["same", "fresh", "empty", "number"])
async def test_pages_that_never_end_are_given_up(hostile: Any, kind: str) -> None:
    async with RactoMCPClient(hostile("pages", kind)) as client:
        with pytest.raises(InvalidResponseError, match="pages"):
            await asyncio.wait_for(client.list_tools(), 120)
        assert (await client.call_tool("anything")).content == "called anything"
