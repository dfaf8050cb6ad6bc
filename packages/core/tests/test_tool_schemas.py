"""A tool's schema is carried whole, and shown as a flat list beside it."""

from __future__ import annotations

import copy
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ValidationError

from racto.core.errors import SchemaError
from racto.core.tool_schemas import (
    ParamSchema,
    ToolSchema,
    describe_function,
    describe_model,
    named_schema,
)

MCP = {
    "type": "object",
    "properties": {
        "node": {"$ref": "#/$defs/Node"},
        "mode": {"const": "fast"},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "Words."},
        "size": {"type": ["integer", "null"], "default": 3},
        "any": True,
    },
    "required": ["node"],
    "$defs": {
        "Node": {"$ref": "#/$defs/Inner"},
        "Inner": {"type": "object", "description": "A node.", "x-own": [1]},
    },
    "$schema": "https://json-schema.org/draft/2020-12/schema",
}


class Weather(BaseModel):
    """Ask for the weather.

    Attributes are described below.

    Args:
        city: Where.
    """

    city: str
    unit: Literal["c", "f"] = "c"
    days: list[int] | None = None


class Bare(BaseModel):
    x: int


def test_a_foreign_schema_passes_untouched() -> None:
    before = copy.deepcopy(MCP)
    schema = named_schema("files/read.v2", "Reads.", MCP)
    assert schema.to_json_schema() == before
    schema.to_json_schema()["properties"].clear()
    assert schema.to_json_schema() == before == MCP


def test_the_flat_list() -> None:
    params = {param.name: param for param in named_schema("t", "", MCP).parameters}
    assert params["node"] == ParamSchema(name="node", type="object", description="A node.")
    assert (params["mode"].type, params["mode"].enum) == ("string", ["fast"])
    assert params["tags"].items == {"type": "string"}
    assert (params["size"].type, params["size"].default) == ("integer", 3)
    assert not params["size"].required
    assert params["any"].type == "any"


def test_a_circle_of_references_ends() -> None:
    loop = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$ref": "#/$defs/A"}}}
    assert named_schema("t", "", loop).parameters[0].type == "any"


def test_built_from_parameters_as_the_reference_does() -> None:
    schema = ToolSchema(
        name="get",
        description="Get.",
        parameters=[
            ParamSchema(name="city", type="string", description="Where."),
            ParamSchema(name="days", type="array", items={"type": "integer"}, required=False),
            ParamSchema(name="unit", type="string", enum=["c", "f"], default="c", required=False),
        ],
    )
    assert schema.to_json_schema() == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where."},
            "days": {"type": "array", "items": {"type": "integer"}},
            "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
        },
        "required": ["city"],
        "additionalProperties": False,
    }


def test_a_model() -> None:
    schema = describe_model(Weather)
    assert (schema.name, schema.description) == ("Weather", "Ask for the weather.")
    whole = schema.to_json_schema()
    assert "description" not in whole
    assert whole["properties"]["city"] == {"type": "string", "description": "Where."}
    assert [(p.name, p.type, p.required) for p in schema.parameters] == [
        ("city", "string", True),
        ("unit", "string", False),
        ("days", "array", False),
    ]
    assert describe_model(Bare).description == "Bare"
    assert describe_model(Bare, name="b", description="B.").description == "B."


def test_a_function() -> None:
    def find(text: str) -> None:
        """Find text
        in files.

        More about it.
        """

    assert describe_function(find).description == "Find text in files."
    assert describe_function(find, name="search", description="").name == "search"
    assert describe_function(find, description="").description == ""


@pytest.mark.parametrize("name", ["", "has space", "x" * 129, "<lambda>", "line\n"])
def test_names_that_no_provider_takes(name: str) -> None:
    with pytest.raises(SchemaError, match="name"):
        named_schema(name, "", {})
    with pytest.raises(ValidationError):
        ToolSchema(name=name, description="")
    with pytest.raises(SchemaError, match="lambda"):
        describe_function(lambda x: x)


def test_json_round_trip() -> None:
    schema: Any = named_schema("t", "d", MCP)
    assert ToolSchema.model_validate_json(schema.model_dump_json()) == schema
