"""JSON Schemas as OpenAI takes them: any object for a tool, a strict subset where it is enforced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Keywords of JSON Schema that constrained decoding does not know.
_OUTSIDE = frozenset(
    {
        "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
        "patternProperties", "prefixItems", "contains", "propertyNames", "unevaluatedProperties",
        "unevaluatedItems", "additionalItems", "minProperties", "maxProperties", "minLength",
        "maxLength", "uniqueItems", "default", "examples", "contentEncoding", "contentMediaType",
        "discriminator",
    }
)  # fmt: skip
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_TYPES = frozenset({"string", "number", "boolean", "integer", "object", "array", "null"})
# Limits that the documentation gives for one schema.
_MOST_PROPERTIES = 5000
_DEEPEST = 10
_MOST_WORDS = 1000
_SHAPES: Mapping[str, type] = {
    "properties": dict,
    "$defs": dict,
    "definitions": dict,
    "required": list,
    "enum": list,
    "anyOf": list,
    "format": str,
    "$ref": str,
}

_Context = tuple[str, ...]


def object_fault(schema: Any) -> str | None:
    """What is wrong with the schema of a tool's arguments; None when nothing is.

    Args:
        schema: The schema.
    """
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "object":
        return None
    return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."


def strict_fault(schema: Any) -> str | None:
    """What is wrong with a schema that is to be enforced; None when nothing is.

    Args:
        schema: The schema.
    """
    if fault := object_fault(schema):
        return fault
    if "anyOf" in schema:
        return "In context=(), 'anyOf' is not permitted at the top level."
    if fault := _shape_fault(schema, ()):
        return fault
    names = [(key, name) for key in ("$defs", "definitions") for name in schema.get(key, ())]
    check = _StrictCheck({"#", *(f"#/{key}/{name}" for key, name in names)})
    return next(check.faults(schema, (), 1), None)


class _StrictCheck:
    """Walks one schema; counts what is limited over the whole of it."""

    def __init__(self, references: set[str]) -> None:
        self._references = references
        self._properties = 0
        self._words = 0

    def faults(self, schema: Any, context: _Context, depth: int) -> Iterator[str]:
        if fault := _shape_fault(schema, context):
            # What is not even shaped as a schema can be read no further.
            yield fault
            return
        if outside := _OUTSIDE & schema.keys():
            yield _told(context, f"'{min(outside)}' is not permitted.")
        # What is referred to lies in the definitions, which are walked by themselves: a schema
        # that refers to itself has an end here.
        if "$ref" in schema:
            yield from self._reference(schema, context)
            return
        if depth > _DEEPEST:
            yield _told(context, f"schema is nested deeper than {_DEEPEST} levels.")
            return
        yield from self._value(schema, context)
        if "object" in _kinds(schema):
            yield from self._object(schema, context)
        if "array" in _kinds(schema) and "items" not in schema:
            yield _told(context, "array schema missing items.")
        for inside, step, deeper in _children(schema):
            yield from self.faults(inside, (*context, *step), depth + deeper)

    def _reference(self, schema: Mapping[str, Any], context: _Context) -> Iterator[str]:
        beside = sorted(schema.keys() - {"$ref"})
        if beside:
            yield _told(context, f"$ref cannot have keywords {set(beside)}.")
        if schema["$ref"] not in self._references:
            message = (
                "reference can only point to definitions defined at the top level of the schema."
            )
            yield _told(context, message)

    def _value(self, schema: Mapping[str, Any], context: _Context) -> Iterator[str]:
        kinds = _kinds(schema)
        if not kinds and not schema.keys() & {"anyOf", "enum", "const"}:
            yield _told(context, "schema must have a 'type' key.")
        for kind in kinds:
            if not isinstance(kind, str) or kind not in _TYPES:
                yield _told(context, f"{kind!r} is not valid under any of the given schemas.")
        if "format" in schema and schema["format"] not in _FORMATS:
            yield _told(context, f"{schema['format']!r} is not a valid format.")
        self._words += len(schema.get("enum", ()))
        if self._words > _MOST_WORDS:
            yield _told(context, f"enum values exceed the limit of {_MOST_WORDS}.")

    def _object(self, schema: Mapping[str, Any], context: _Context) -> Iterator[str]:
        if schema.get("additionalProperties") is not False:
            yield _told(
                context, "'additionalProperties' is required to be supplied and to be false."
            )
        properties = schema.get("properties", {})
        self._properties += len(properties)
        if self._properties > _MOST_PROPERTIES:
            yield _told(context, f"schema exceeds the limit of {_MOST_PROPERTIES} properties.")
        # An object without properties needs no list of them.
        required = schema.get("required", [] if not properties else None)
        wanted = "'required' is required to be supplied and to be an array including every key in"
        for name in properties:
            if required is None or name not in required:
                yield _told(context, f"{wanted} properties. Missing '{name}'.")
        for name in required or ():
            if name not in properties:
                yield _told(context, f"{wanted} properties. Extra required key '{name}' supplied.")


def _shape_fault(schema: Any, context: _Context) -> str | None:
    if not isinstance(schema, Mapping):
        return _told(context, f"{schema!r} is not of type 'object', 'boolean'.")
    for key, shape in _SHAPES.items():
        if key in schema and not isinstance(schema[key], shape):
            return _told((*context, key), f"{schema[key]!r} is not of type '{shape.__name__}'.")
    return None


def _kinds(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("type", [])
    return kind if isinstance(kind, list) else [kind]


def _children(schema: Mapping[str, Any]) -> Iterator[tuple[Any, _Context, int]]:
    """The schemas inside a schema, their steps, and whether they lie a level deeper."""
    for key in ("properties", "$defs", "definitions"):
        for name, inside in schema.get(key, {}).items():
            yield inside, (key, name), int(key == "properties")
    if "items" in schema:
        yield schema["items"], ("items",), 1
    for number, inside in enumerate(schema.get("anyOf", ())):
        # Alternatives are no level of nesting.
        yield inside, ("anyOf", str(number)), 0


def _told(context: _Context, problem: str) -> str:
    return f"In context={context!r}, {problem}"
