"""Structured output takes a part of JSON Schema, and names what lies beyond it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, Field

from racto.testing.anthropic.schemas import objections

WORD = {"type": "string"}


def closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def troubles(schema: dict[str, Any], place: str = "output_config.format.schema") -> list[str]:
    return list(objections([(place, schema)]))


@pytest.mark.parametrize(
    "schema",
    [
        closed(),
        closed(a=WORD, b={"type": ["integer", "null"]}, c={"enum": ["x", 1, None]}),
        closed(a={"anyOf": [WORD, {"type": "null"}]}, b={"const": "x"}),
        closed(a={"type": "array", "items": WORD, "minItems": 1}),
        closed(a={"type": "string", "format": "uuid"}, b={"type": "string", "pattern": "^a+$"}),
        closed(a={"type": "string", "default": "x", "title": "A", "description": "a"}),
        {**closed(a={"$ref": "#/$defs/B"}), "$defs": {"B": closed(c=WORD)}},
        {"allOf": [closed(a=WORD)]},
        # A property may be called like a keyword.
        closed(minimum={"type": "integer"}, format=WORD, pattern=WORD),
    ],
    ids=str,
)
def test_the_supported_part_is_taken(schema: dict[str, Any]) -> None:
    assert troubles(schema) == []


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "object"}, "'additionalProperties' must be explicitly set to false"),
        ({"type": "object", "additionalProperties": True}, "'additionalProperties: true' is not"),
        ({"type": "object", "additionalProperties": WORD}, "'additionalProperties: object' is"),
        (
            {"type": "integer", "minimum": 1, "maximum": 2},
            "For 'integer' type, properties maximum, minimum are not supported",
        ),
        ({"type": "number", "multipleOf": 2}, "properties multipleOf are not supported"),
        ({"type": "string", "maxLength": 2}, "For 'string' type, properties maxLength are not"),
        ({"type": "array", "items": WORD, "minItems": 2}, "'minItems' values other than 0 or 1"),
        ({"type": "array", "items": WORD, "maxItems": 2}, "properties maxItems are not supported"),
        ({"type": "array", "items": WORD, "uniqueItems": True}, "properties uniqueItems are not"),
        ({"type": "string", "format": "colour"}, "format 'colour' is not supported"),
        ({"type": "string", "pattern": "a(?=b)"}, "pattern 'a(?=b)' is not supported"),
        ({"type": "string", "pattern": r"(a)\1"}, "is not supported"),
        ({"oneOf": [WORD]}, "Schema type 'oneOf' is not supported"),
        ({"not": WORD}, "Schema type 'not' is not supported"),
        ({}, "Schema type is missing"),
        ({"type": "thing"}, "Schema type 'thing' is not supported"),
        ({"enum": [{"a": 1}]}, "Enum values must be strings, numbers, booleans or null"),
        ({"$ref": "https://example.org/schema"}, "$ref 'https://example.org/schema' is not"),
        ({"$ref": "#/$defs/Gone"}, "$ref '#/$defs/Gone' is not supported"),
        ({"allOf": [{"$ref": "#/$defs/A"}], "$defs": {"A": WORD}}, "'allOf' with '$ref' is not"),
        (
            {"$ref": "#/$defs/A", "$defs": {"A": closed(a={"$ref": "#/$defs/A"})}},
            "Circular reference detected in schema definitions: A -> A",
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("depth", ["at the root", "deep inside"])
def test_what_lies_beyond_is_refused_wherever_it_stands(
    schema: dict[str, Any], words: str, depth: str
) -> None:
    if depth == "deep inside":
        definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
        bare = {name: value for name, value in schema.items() if name != "$defs"}
        schema = {**closed(a={"type": "array", "items": {"anyOf": [bare, WORD]}}), **definitions}
    found = troubles(schema)
    assert any(words in trouble for trouble in found)
    assert all(trouble.startswith("output_config.format.schema: ") for trouble in found)


def test_a_circle_over_several_definitions_is_found() -> None:
    chain = {"A": closed(a={"$ref": "#/$defs/B"}), "B": closed(b={"$ref": "#/$defs/A"})}
    assert any("Circular" in one for one in troubles({"$ref": "#/$defs/A", "$defs": chain}))


def test_schemas_that_are_too_complex_are_refused() -> None:
    loose = {**closed(**{f"p{n}": WORD for n in range(25)}), "required": []}
    union = closed(**{f"p{n}": {"type": ["string", "null"]} for n in range(17)})
    tools = [(f"tools.{n}.custom", closed()) for n in range(21)]
    for schemas in ([("x", loose)], [("x", union)], tools):
        assert [one for one in objections(schemas) if "too complex" in one]
    assert not list(objections(tools[:20]))


NUMBERS = st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "multipleOf"])


@given(st.lists(NUMBERS, min_size=1, unique=True), st.integers(1, 8))
def test_no_depth_hides_a_limit_on_a_number(keywords: list[str], depth: int) -> None:
    schema: dict[str, Any] = {"type": "number", **dict.fromkeys(keywords, 1)}
    for _ in range(depth):
        schema = closed(a=schema)
    (trouble,) = troubles(schema)
    assert ", ".join(sorted(keywords)) in trouble


class Book(BaseModel):
    title: str
    pages: int = Field(ge=1)
    tags: dict[str, int] = {}


def test_what_the_sdk_makes_of_a_model_is_taken(
    anthropic_server: Any, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say('{"title": "Emma", "pages": 474, "tags": {}}')
    book = sdk.messages.parse(**ask, output_format=Book).parsed_output
    assert book == Book(title="Emma", pages=474)


def test_a_raw_pydantic_schema_is_refused_by_the_server(refused: Callable[..., str]) -> None:
    schema = {"type": "json_schema", "schema": Book.model_json_schema()}
    words = refused(output_config={"format": schema})
    assert words.startswith("output_config.format.schema: ")
