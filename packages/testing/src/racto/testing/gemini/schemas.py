"""Schemas of tools and replies: the subset of OpenAPI that the API takes, and its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .messages import Message, Repeated, Table
from .protojson import ANYTHING, FLAG, FLOAT, INT64, TEXT, Enumeration

SCHEMA = Message(
    "Schema",
    {
        "type": Enumeration(
            "Type", "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL"
        ),
        "format": TEXT,
        "title": TEXT,
        "description": TEXT,
        "nullable": FLAG,
        "enum": Repeated(TEXT),
        "required": Repeated(TEXT),
        "propertyOrdering": Repeated(TEXT),
        "minItems": INT64,
        "maxItems": INT64,
        "minLength": INT64,
        "maxLength": INT64,
        "minProperties": INT64,
        "maxProperties": INT64,
        "minimum": FLOAT,
        "maximum": FLOAT,
        "pattern": TEXT,
        "example": ANYTHING,
        "default": ANYTHING,
    },
    vertex={"additionalProperties": ANYTHING, "ref": TEXT},
)
"""A schema; a whole JSON Schema has a field of its own wherever this one stands."""

# A schema holds schemas, which can only be said once it is there.
SCHEMA.define({"items": SCHEMA, "anyOf": Repeated(SCHEMA), "properties": Table(SCHEMA)})
SCHEMA.define({"defs": Table(SCHEMA)}, vertex=True)

_FORMATS = {
    "STRING": ("enum", "date-time"),
    "NUMBER": ("float", "double"),
    "INTEGER": ("int32", "int64"),
}


def schema_faults(schema: Mapping[str, Any], at: str) -> Iterator[str]:
    """Rules that a well-typed schema breaks, in Google's words.

    Args:
        schema: The schema, as it was read.
        at: Its place in the request.
    """
    kind = schema.get("type", "TYPE_UNSPECIFIED")
    if kind == "TYPE_UNSPECIFIED" and not schema.keys() & {"anyOf", "ref"}:
        yield f"{at}.type: must be specified when not using one_of, any_of or all_of fields"
    if kind == "OBJECT" and not schema.get("properties") and "additionalProperties" not in schema:
        yield f"{at}.properties: should be non-empty for OBJECT type"
    if kind == "ARRAY" and "items" not in schema:
        yield f"{at}.items: missing field."
    for field, owner in (("properties", "OBJECT"), ("required", "OBJECT"), ("items", "ARRAY")):
        if schema.get(field) and kind != owner:
            yield f"{at}.{field}: only allowed for {owner} type"
    if "enum" in schema and kind != "STRING":
        yield f"{at}.enum: only allowed for STRING type"
    # Any other format is refused, and not ignored as in JSON Schema.
    allowed = _FORMATS.get(kind, ())
    if "format" in schema and schema["format"] not in allowed:
        told = " and ".join(f"'{each}'" for each in allowed) or "none"
        yield f"{at}.format: only {told} are supported for {kind} type"
    for number, name in enumerate(schema.get("required", ())):
        if name not in schema.get("properties", {}):
            yield f"{at}.required[{number}]: property is not defined"
    for place, inner in _inner(schema):
        yield from schema_faults(inner, f"{at}.{place}")


def _inner(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        yield f"properties[{name}]", inner
    for number, inner in enumerate(schema.get("anyOf", ())):
        yield f"any_of[{number}]", inner
    if "items" in schema:
        yield "items", schema["items"]
