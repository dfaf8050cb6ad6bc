"""Schemas inside and outside the subset that OpenAI enforces."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, Field

from racto.testing.openai.schemas import object_fault, strict_fault

KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const",
    "$ref", "$defs", "format", "default",
}  # fmt: skip


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    name: str = Field(pattern="^[a-z]+$", description="a name")
    weight: float = Field(ge=0, le=10)


class Tree(BaseModel):
    leaves: list[Leaf] = Field(min_length=1, max_length=5)
    colour: Colour
    kind: Literal["oak", "elm"]
    parent: Tree | None
    best: Leaf | str | None


class Table(BaseModel):
    cells: dict[str, int]


class Choice(BaseModel):
    size: int = 3


def closed(**properties: Any) -> dict[str, Any]:
    names = list(properties)
    return {
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": False,
    }


def test_what_the_official_client_makes_of_common_models_is_taken() -> None:
    assert strict_fault(to_strict_json_schema(Tree)) is None


@pytest.mark.parametrize("model", [Table, Choice], ids=["open object", "default"])
def test_what_the_official_client_leaves_in_is_refused(model: Any) -> None:
    assert strict_fault(to_strict_json_schema(model)) is not None


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    "schema",
    [
        closed(),
        {"type": "object", "additionalProperties": False},
        closed(x={"type": ["string", "null"]}),
        closed(x={"anyOf": [TEXT, {"type": "null"}]}),
        closed(x={"enum": [1, 2]}, y={"const": 3}),
        closed(x={"type": "string", "format": "date-time"}),
        {**closed(x={"$ref": "#/$defs/a"}), "$defs": {"a": TEXT}},
        closed(x={"type": "array", "items": {"$ref": "#"}}),
    ],
)
def test_the_subset_is_taken(schema: Any) -> None:
    assert strict_fault(schema) is None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (None, "got 'type: \"None\"'"),
        ({"type": "array"}, "got 'type: \"array\"'"),
        ({**closed(), "anyOf": [closed()]}, "'anyOf' is not permitted at the top level"),
        ({"type": "object", "properties": {}}, "context=(), 'additionalProperties' is required"),
        ({**closed(), "additionalProperties": TEXT}, "to be false"),
        ({**closed(x=TEXT), "required": []}, "Missing 'x'"),
        ({k: v for k, v in closed(x=TEXT).items() if k != "required"}, "Missing 'x'"),
        ({**closed(), "required": ["y"]}, "Extra required key 'y'"),
        (closed(x={"type": "string", "default": ""}), "context=('properties', 'x'), 'default'"),
        (closed(x={"type": "string", "minLength": 1}), "'minLength' is not permitted"),
        (closed(x={"allOf": [TEXT]}), "'allOf' is not permitted"),
        (closed(x={"oneOf": [TEXT]}), "'oneOf' is not permitted"),
        (closed(x={}), "must have a 'type' key"),
        (closed(x={"type": "text"}), "'text' is not valid"),
        (closed(x={"type": "array"}), "array schema missing items"),
        (closed(x={"type": "string", "format": "uri"}), "'uri' is not a valid format"),
        (closed(x={"$ref": "#/$defs/a"}), "definitions defined at the top level"),
        (
            {**closed(x={"$ref": "#/$defs/a", "description": "d"}), "$defs": {"a": TEXT}},
            "$ref cannot have keywords {'description'}",
        ),
        (closed(x={"anyOf": [TEXT, {"type": "object"}]}), "('properties', 'x', 'anyOf', '1')"),
        ({**closed(), "$defs": {"a": {"type": "object"}}}, "('$defs', 'a')"),
        (closed(x={"type": "array", "items": {"not": TEXT}}), "('properties', 'x', 'items')"),
        (closed(x=True), "is not of type 'object'"),
        (closed(x={"enum": list(range(1001))}), "exceed the limit of 1000"),
        ({**closed(), "properties": []}, "context=('properties',), [] is not of type 'dict'"),
        (closed(x={"type": "string", "format": 5}), "('properties', 'x', 'format'), 5 is not"),
    ],
)
def test_what_lies_outside_is_refused_with_its_place(schema: Any, words: str) -> None:
    assert words in (strict_fault(schema) or "")


def test_depth_and_size_are_limited() -> None:
    deep = closed()
    for _ in range(10):
        deep = closed(x=deep)
    assert "deeper than 10 levels" in (strict_fault(deep) or "")
    assert strict_fault(deep["properties"]["x"]) is None
    wide = closed(**{f"x{n}": TEXT for n in range(5001)})
    assert "limit of 5000 properties" in (strict_fault(wide) or "")


def test_a_tools_parameters_are_any_object() -> None:
    assert object_fault({"type": "object", "patternProperties": {}}) is None
    assert object_fault({}) is not None
    assert object_fault([]) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted(KEYWORDS)) | st.text(max_size=2), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(inner=JSON)
def test_whatever_is_called_a_schema_is_judged(inner: Any) -> None:
    for schema in (inner, closed(x=inner), {**closed(), "$defs": inner}):
        fault = strict_fault(schema)
        assert fault is None or fault.endswith(".")
