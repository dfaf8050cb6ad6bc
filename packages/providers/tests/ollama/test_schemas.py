"""Schemas of tools: what Ollama would drop reaches the model in words."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from hypothesis import given, strategies as st
from pydantic import BaseModel, Field

from racto.core.schemas import type_schema
from racto.providers.ollama.schemas import shown_parameters

KEPT = {"type", "description", "enum", "items", "properties", "anyOf"}


class Unit(StrEnum):
    C = "celsius"
    F = "fahrenheit"


class Place(BaseModel):
    """Where."""

    city: str
    country: str = "NO"


class Node(BaseModel):
    name: str
    next: Node | None = None


class Question(BaseModel):
    place: Place = Field(description="Where to look.")
    days: Annotated[int, Field(ge=1, le=14, description="How many days.")] = 3
    unit: Unit = Unit.C
    kind: Literal["rain"] = "rain"
    notes: dict[str, int] = {}
    nodes: list[Node] = []
    title: str = ""


def shown(model: type[BaseModel]) -> Any:
    return shown_parameters(type_schema(model))["properties"]


def test_references_are_written_out() -> None:
    properties = shown(Question)
    place = properties["place"]
    assert place["type"] == "object"
    assert place["properties"]["city"] == {"type": "string"}
    assert properties["unit"]["enum"] == ["celsius", "fahrenheit"]
    assert properties["kind"]["enum"] == ["rain"]


def test_what_ollama_drops_is_said_in_words() -> None:
    properties = shown(Question)
    days = properties["days"]["description"]
    assert days.startswith("How many days. (")
    for words in ("minimum: 1", "maximum: 14", "default: 3"):
        assert words in days
    assert 'required: ["city"]' in properties["place"]["description"]
    assert properties["place"]["description"].startswith("Where to look.")
    assert 'additionalProperties: {"type": "integer"}' in properties["notes"]["description"]
    assert properties["title"]["type"] == "string"


def test_elements_keep_their_references_and_the_definitions() -> None:
    parameters = shown_parameters(type_schema(Question))
    assert parameters["properties"]["nodes"]["items"] == {"$ref": "#/$defs/Node"}
    assert parameters["$defs"]["Node"]["properties"]["name"] == {"type": "string"}
    assert parameters["required"] == ["place"]


def test_a_shape_that_contains_itself_ends() -> None:
    parameters = shown_parameters(type_schema(Node))
    assert parameters["required"] == ["name"]
    assert "#/$defs/Node" in json.dumps(parameters)
    assert "Node" in parameters["$defs"]


def test_a_schema_that_would_grow_without_end_does_not() -> None:
    defs: dict[str, Any] = {
        f"L{n}": {
            "type": "object",
            "properties": {
                side: {"$ref": f"#/$defs/L{n + 1}"} if n < 30 else {"type": "string"}
                for side in ("left", "right")
            },
        }
        for n in range(31)
    }
    circle = {"A": {"$ref": "#/$defs/B"}, "B": {"allOf": [{"$ref": "#/$defs/A"}]}}
    schema = {"$defs": defs | circle, "properties": {
        "tree": {"$ref": "#/$defs/L0"}, "circle": {"$ref": "#/$defs/A"}
    }}  # fmt: skip
    assert len(json.dumps(shown_parameters(schema))) < 100_000


def test_definitions_of_older_drafts_are_found() -> None:
    place = {"type": "object", "properties": {"city": {"type": "string"}}}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"Place": place},
        "properties": {
            "one": {"$ref": "#/definitions/Place"},
            "many": {"type": "array", "items": {"$ref": "#/definitions/Place"}},
        },
    }
    parameters = shown_parameters(schema)
    assert parameters["properties"]["one"] == place
    assert parameters["properties"]["many"]["items"] == {"$ref": "#/$defs/Place"}
    assert parameters["$defs"] == {"Place": place}


_JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers())

_SCHEMAS = _JUNK | st.recursive(
    st.fixed_dictionaries({}, optional={"type": st.just("string"), "minLength": st.integers(0, 9)}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.text(max_size=5), inner, max_size=3) | _JUNK,
            "anyOf": st.lists(inner, max_size=3) | _JUNK,
            "oneOf": st.lists(inner, max_size=2) | _JUNK,
            "allOf": st.lists(inner, max_size=2) | _JUNK,
            "$ref": st.sampled_from(["#/$defs/X", "#/$defs/Y", "#/$defs/Z"]),
            "description": st.text(max_size=5),
            "default": st.integers(),
        },
    ),
    max_leaves=12,
)


@given(schema=_SCHEMAS, x=_SCHEMAS, y=_SCHEMAS)
def test_any_schema_is_shown_in_words_that_ollama_keeps(schema: Any, x: Any, y: Any) -> None:
    before = json.dumps(schema)

    def check(found: dict[str, Any]) -> None:
        assert found.keys() <= KEPT
        properties, choices = found.get("properties"), found.get("anyOf")
        inner = list(properties.values()) if isinstance(properties, dict) else []
        for each in inner + (choices if isinstance(choices, list) else []):
            check(each)

    parameters = shown_parameters({"properties": {"a": schema}, "$defs": {"X": x, "Y": y}})
    check(parameters["properties"]["a"])
    assert json.dumps(schema) == before
