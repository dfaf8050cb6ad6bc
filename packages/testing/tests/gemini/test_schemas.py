"""Schemas keep to the subset of OpenAPI that the API takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racto.testing.gemini.protojson import Faults
from racto.testing.gemini.schemas import SCHEMA, schema_faults

STRING = {"type": "STRING"}


def faults_of(schema: dict[str, Any]) -> list[str]:
    faults = Faults()
    read = SCHEMA.read(schema, "", faults)
    assert faults.found == []
    return list(schema_faults(read, "s"))


@pytest.mark.parametrize(
    "schema",
    [
        STRING,
        {"type": "string", "enum": ["a"], "format": "enum"},
        {"type": "INTEGER", "format": "int64", "minimum": 1, "nullable": True},
        {"type": "NUMBER", "format": "double"},
        {"type": "ARRAY", "items": STRING, "minItems": "1"},
        {"type": "OBJECT", "properties": {"a": STRING}, "required": ["a"]},
        {"anyOf": [STRING, {"type": "NULL"}]},
    ],
)
def test_a_sound_schema_has_no_faults(schema: dict[str, Any]) -> None:
    assert faults_of(schema) == []


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({}, "s.type: must be specified when not using one_of, any_of or all_of fields"),
        ({"type": "OBJECT"}, "s.properties: should be non-empty for OBJECT type"),
        ({"type": "ARRAY"}, "s.items: missing field."),
        ({**STRING, "properties": {"a": STRING}}, "s.properties: only allowed for OBJECT type"),
        ({**STRING, "items": STRING}, "s.items: only allowed for ARRAY type"),
        ({"type": "INTEGER", "enum": ["1"]}, "s.enum: only allowed for STRING type"),
        (
            {**STRING, "format": "uuid"},
            "s.format: only 'enum' and 'date-time' are supported for STRING type",
        ),
        (
            {"type": "OBJECT", "properties": {"a": STRING}, "required": ["b"]},
            "s.required[0]: property is not defined",
        ),
        (
            {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "ARRAY"}}}},
            "s.properties[a].items.items: missing field.",
        ),
        ({"anyOf": [STRING, {"type": "ARRAY"}]}, "s.any_of[1].items: missing field."),
    ],
)
def test_a_fault_is_told_with_its_place(schema: dict[str, Any], told: str) -> None:
    assert told in faults_of(schema)


def test_keywords_of_json_schema_are_unknown(refuse: Callable[..., str]) -> None:
    properties = {"a": {**STRING, "additionalProperties": False}}
    declared = {"name": "f", "parameters": {"type": "OBJECT", "properties": properties}}
    place = "tools[0].function_declarations[0].parameters.properties[0].value"
    assert refuse(tools=[{"functionDeclarations": [declared]}]) == (
        f"Invalid JSON payload received. Unknown name \"additionalProperties\" at '{place}':"
        " Cannot find field."
    )


def test_a_list_of_types_is_no_type(refuse: Callable[..., str]) -> None:
    settings = {"responseMimeType": "application/json", "responseSchema": {"type": ["string"]}}
    assert refuse(generationConfig=settings) == (
        'Invalid JSON payload received. Unknown name "type" at'
        " 'generation_config.response_schema': Proto field is not repeating, cannot start list."
    )


def test_vertex_takes_additional_properties(taken: Callable[..., Any]) -> None:
    schema = {"type": "OBJECT", "additionalProperties": STRING}
    path = "projects/p/locations/l/publishers/google/models/m:generateContent"
    settings = {"responseMimeType": "application/json", "responseSchema": schema}
    taken(path=path, generationConfig=settings)
