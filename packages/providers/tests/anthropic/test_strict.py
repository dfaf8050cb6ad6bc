"""The schema adapter: what Anthropic enforces, what is told in words, and what is reported."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, Field, RootModel

from racto.core.schemas import type_schema
from racto.providers.anthropic.strict import StrictSchema, strict_model_schema, strict_schema


class Kind(Enum):
    SEA = "sea"
    LAKE = "lake"


class Place(BaseModel):
    """Where it is."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    depth: Annotated[float, Field(ge=0, lt=11_000, description="in metres")]


class Water(BaseModel):
    title: str
    format: Literal["salt", "sweet"]
    kind: Kind
    where: Place = Field(description="the place itself")
    found: date | None = None
    tags: Annotated[list[str], Field(min_length=1, max_length=3)]
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}\d+$")] = "AA1"


class Tree(BaseModel):
    name: str
    branches: list[Tree] = []


def test_a_model_keeps_its_fields_and_every_object_is_closed() -> None:
    adapted = strict_model_schema(Water)
    assert adapted.losses == ()
    schema = adapted.schema
    assert list(schema["properties"]) == list(Water.model_fields)
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["title", "format", "kind", "where", "tags"]
    assert schema["$defs"]["Place"]["additionalProperties"] is False


def test_limits_that_are_not_enforced_are_told_in_words() -> None:
    place = strict_model_schema(Place).schema["properties"]
    assert place["name"] == {
        "type": "string",
        "description": "(at least 1 characters, at most 40 characters)",
    }
    assert place["depth"]["description"] == "in metres (at least 0, less than 11000)"
    assert not place["depth"].keys() & {"minimum", "exclusiveMaximum"}
    tags = strict_model_schema(Water).schema["properties"]["tags"]
    assert (tags["minItems"], tags["description"]) == (1, "(at most 3 items)")


def test_what_the_grammar_can_hold_stays_in_the_schema() -> None:
    properties = strict_model_schema(Water).schema["properties"]
    assert properties["code"] == {"type": "string", "pattern": r"^[A-Z]{2}\d+$", "default": "AA1"}
    assert properties["found"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert strict_model_schema(Water).schema["$defs"]["Kind"]["enum"] == ["sea", "lake"]


@pytest.mark.parametrize(
    "pattern", [r"(?=.*\d)x", r"(?i)a", r"\bword\b", r"(a)\1", r"\p{L}", "a{1000}", "a{1,500}"]
)
def test_a_pattern_beyond_the_grammar_is_told_in_words(pattern: str) -> None:
    adapted = strict_schema({"type": "string", "pattern": pattern})
    assert adapted == StrictSchema(
        schema={"type": "string", "description": f"(matching the pattern {pattern})"}
    )


def test_a_reference_with_a_description_is_resolved_in_place() -> None:
    where = strict_model_schema(Water).schema["properties"]["where"]
    assert "$ref" not in where
    assert where["description"] == "the place itself"
    assert set(where["properties"]) == {"name", "depth"}


def test_a_root_that_is_a_reference_keeps_its_definitions() -> None:
    adapted = strict_model_schema(RootModel[Place])
    assert adapted.losses == ()
    assert adapted.schema["$ref"] == "#/$defs/Place"
    assert adapted.schema["$defs"]["Place"]["additionalProperties"] is False


def test_one_of_and_lists_of_types_become_any_of() -> None:
    schema = {
        "oneOf": [
            {"type": ["string", "null"], "description": "a name", "minLength": 1, "maximum": 3},
            {"type": "integer"},
        ],
        "discriminator": {"propertyName": "kind"},
    }
    assert strict_schema(schema) == StrictSchema(
        schema={
            "anyOf": [
                {
                    "description": "a name",
                    "anyOf": [
                        {"type": "string", "description": "(at least 1 characters)"},
                        {"type": "null"},
                    ],
                },
                {"type": "integer"},
            ]
        }
    )


def test_a_single_all_of_is_merged() -> None:
    schema = {
        "allOf": [{"$ref": "#/definitions/Name"}],
        "description": "who",
        "definitions": {"Name": {"type": "string", "examples": ["Ann"]}},
    }
    adapted = strict_schema(schema)
    assert adapted.losses == ()
    assert adapted.schema["type"] == "string"
    assert adapted.schema["description"] == 'who (for example ["Ann"])'


@pytest.mark.parametrize(
    ("schema", "loss"),
    [
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "$: an object with keys"),
        ({"type": "object", "properties": {}, "additionalProperties": True}, "$: an object with"),
        ({"type": "object"}, "$: an object of any shape"),
        ({"type": "array"}, "$: an array of any items"),
        ({"type": "array", "items": True}, "$[]: a schema of any value"),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, "$: prefixItems"),
        ({"properties": {"a": {"title": "A"}}}, "$.a: a value of any type"),
        ({"anyOf": [{"type": "string"}, {"not": {"type": "null"}}]}, "$|1: not"),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, "$: allOf"),
        ({"enum": [["a"], "b"]}, "$: an enumeration of objects"),
        ({"const": {"a": 1}}, "$: an enumeration of objects"),
        ({"$ref": "https://example.org/schema"}, "$: a reference to https://example.org/schema"),
    ],
)
def test_what_cannot_be_enforced_is_reported_with_its_place(
    schema: dict[str, Any], loss: str
) -> None:
    assert any(each.startswith(loss) for each in strict_schema(schema).losses)


def test_a_type_that_contains_itself_is_reported_and_does_not_loop() -> None:
    assert strict_model_schema(Tree).losses == ("$defs.Tree: a type that contains itself",)
    endless = {
        "$defs": {
            "A": {"properties": {"b": {"$ref": "#/$defs/B", "description": "next"}}},
            "B": {"properties": {"a": {"$ref": "#/$defs/A", "description": "back"}}},
        },
        "$ref": "#/$defs/A",
    }
    losses = strict_schema(endless).losses
    assert {loss.partition(":")[0] for loss in losses} == {"$defs.A", "$defs.B"}


def test_names_of_properties_are_never_taken_for_keywords() -> None:
    names = ["title", "format", "default", "pattern", "minimum", "enum", "$ref", "type", "items"]
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    adapted = strict_schema(schema)
    assert adapted.losses == ()
    assert list(adapted.schema["properties"]) == names


def test_the_schema_given_is_left_alone() -> None:
    schema = type_schema(Water)
    before = repr(schema)
    strict_schema(schema)
    assert repr(schema) == before


_LEAVES = st.sampled_from(
    [
        {"type": "string", "minLength": 1, "format": "date"},
        {"type": "integer", "minimum": 3, "multipleOf": 2},
        {"type": ["number", "null"], "maximum": 1},
        {"enum": ["a", 1, None]},
        {"const": True},
        {"type": "string", "format": "binary"},
    ]
)
_SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items, "minItems": 2}, inner),
        st.builds(lambda parts: {"oneOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda named: {"type": "object", "properties": named},
            st.dictionaries(st.sampled_from("abcde"), inner, max_size=3),
        ),
    ),
    max_leaves=8,
)
_REFUSED = {"minLength", "minimum", "maximum", "multipleOf", "oneOf"}


@given(_SCHEMAS)
def test_adapted_schemas_hold_nothing_that_the_api_refuses(schema: dict[str, Any]) -> None:
    adapted = strict_schema(schema)
    assert adapted.losses == ()
    waiting = [adapted.schema]
    while waiting:
        part = waiting.pop()
        assert not part.keys() & _REFUSED
        assert not isinstance(part.get("type"), list)
        assert part.get("minItems", 0) in (0, 1)
        assert part.get("format") != "binary"
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
        waiting += [*part.get("anyOf", ()), *part.get("properties", {}).values()]
        waiting += [part["items"]] if "items" in part else []
    assert strict_schema(adapted.schema).schema == adapted.schema
