"""Remote tools keep their schemas whole, and a nonsensical one costs only itself."""

from __future__ import annotations

import logging
from typing import Any

import mcp_types as types
import pytest
from hypothesis import given, strategies as st

from racto.core import SchemaError, ToolRegistry
from racto.tools.mcp.schemas import fitting, tool_schema, tool_schemas

DEEP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "where": {"$ref": "#/$defs/Place"},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "mode": {"anyOf": [{"const": "fast"}, {"type": "null"}]},
        "title": {"type": "string", "title": "kept"},
    },
    "required": ["where"],
    "$defs": {"Place": {"type": "object", "properties": {"lat": {"type": "number"}}}},
    "x-vendor": {"kept": True},
}


def tool(name: str, schema: Any = None, **more: Any) -> types.Tool:
    """A remote tool."""
    return types.Tool(name=name, input_schema=schema or {"type": "object"}, **more)


def test_schemas_are_kept_whole() -> None:
    """The reference flattened them: a $ref to a string, an array of integers to an array (C20)."""
    found = tool_schema(
        tool(
            "go",
            DEEP,
            title="Go",
            output_schema={"type": "object"},
            annotations=types.ToolAnnotations(read_only_hint=True, destructive_hint=False),
        )
    )
    assert found.json_schema == DEEP
    assert found.to_json_schema() == DEEP
    assert found.output_schema == {"type": "object"}
    assert found.title == "Go"
    assert found.annotations is not None
    assert found.annotations.read_only is True
    assert found.annotations.destructive is False
    assert found.annotations.idempotent is None


def test_names_that_no_tool_may_have_are_made_to_fit(caplog: pytest.LogCaptureFixture) -> None:
    names = ["plain", "with space", "emoji 🎉", "x" * 300, "with_space", "a.b/c-d", ""]
    found = tool_schemas([tool(name) for name in names], label="s")
    assert list(found) == names
    fits = [schema.name for schema in found.values()]
    assert fits[0] == "plain"
    assert fits[5] == "a.b/c-d"
    # The real one keeps its name, and the one that was made to fit steps aside.
    assert fits[4] == "with_space"
    assert fits[1].startswith("with_space_")
    assert len(set(fits)) == len(fits)
    registry = ToolRegistry()
    for schema in found.values():
        registry.add(schema)


def test_of_two_with_one_name_the_first_stays(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = tool_schemas(
            [tool("a", description="first"), tool("a", description="second")], label="s"
        )
    assert found["a"].description == "first"
    assert "lists the tool 'a' twice" in caplog.text


def test_a_schema_that_is_none_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    broken = tool("bad", {"type": "object", "properties": [1]})
    with caplog.at_level(logging.WARNING):
        found = tool_schemas([broken, tool("good")], label="s")
    assert list(found) == ["good"]
    assert "'bad' has an input schema that is none" in caplog.text
    with pytest.raises(SchemaError):
        tool_schema(broken)


@given(st.text(max_size=200), st.sets(st.text(max_size=5), max_size=3))
def test_whatever_the_name_it_fits(name: str, taken: set[str]) -> None:
    fit = fitting(name, taken)
    assert 1 <= len(fit) <= 64
    assert all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in fit)
    assert fitting(name, taken) == fit
    assert fit == name or fit not in taken
