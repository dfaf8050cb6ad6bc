"""Tools as Gemini declares them, their schemas in OpenAPI's dialect where that loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from racto.core.errors import ConfigurationError

from .fields import as_object, shown
from .losses import Losses

_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
# Keys of Gemini's Schema whose values mean the same in JSON Schema.
_SAME = frozenset(
    {
        "title", "description", "format", "default", "example", "pattern", "required",
        "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum",
        "minProperties", "maxProperties", "propertyOrdering",
    }
)  # fmt: skip


def encode_tools(tools: Iterable[Mapping[str, Any]], losses: Losses) -> list[dict[str, Any]]:
    """The ``tools`` of a record: one entry with all functions, none when there are none."""
    declared = [_declaration(tool, losses) for tool in tools]
    return [{"functionDeclarations": declared}] if declared else []


def decode_tools(raw: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The functions of a record's ``tools``, and what else is in them, such as a search.

    Raises:
        ConfigurationError: If it is no list of objects.
    """
    if not isinstance(raw, list):
        raise ConfigurationError(f"tools: expected a list, not {shown(raw)}")
    functions: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for at, entry in enumerate(raw):
        tool = dict(as_object(entry, f"tools[{at}]"))
        declared = tool.pop("functionDeclarations", None) or tool.pop("function_declarations", [])
        if not isinstance(declared, list):
            raise ConfigurationError(f"tools[{at}].functionDeclarations: expected a list")
        functions += [
            _function(as_object(each, f"tools[{at}].functionDeclarations[{number}]"))
            for number, each in enumerate(declared)
        ]
        if tool:
            others.append(tool)
    return functions, others


def _declaration(tool: Mapping[str, Any], losses: Losses) -> dict[str, Any]:
    made = {key: value for key, value in tool.items() if key != "parameters"}
    if made.pop("strict", None) is not None:
        losses.lose("a tool's strict", "training data has nothing to enforce")
    if "parameters" in tool:
        schema = _opened(tool["parameters"])
        # Gemini takes whole JSON Schemas in a field of their own.
        if schema is None:
            made["parametersJsonSchema"] = tool["parameters"]
        else:
            made["parameters"] = schema
    return made


def _function(declaration: Mapping[str, Any]) -> dict[str, Any]:
    made = {_SPELLINGS.get(key, key): value for key, value in declaration.items()}
    if "parametersJsonSchema" in made:
        made["parameters"] = made.pop("parametersJsonSchema")
    elif "parameters" in made:
        made["parameters"] = _closed(made["parameters"])
    return made


_SPELLINGS = {"parameters_json_schema": "parametersJsonSchema"}


def _opened(schema: Any) -> dict[str, Any] | None:
    """A JSON Schema as Gemini's Schema; None when it says what that cannot."""
    if not isinstance(schema, Mapping):
        return None
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SAME:
            made[key] = value
        elif key == "type":
            if (found := _opened_type(value)) is None:
                return None
            made |= found
        elif (inner := _opened_inside(key, value)) is not None:
            made[key] = inner
        else:
            return None
    return made


def _opened_type(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str) and value in _TYPES:
        return {"type": value.upper()}
    if isinstance(value, list) and len(value) == 2 and value[1] == "null" != value[0]:
        return {"type": value[0].upper(), "nullable": True} if value[0] in _TYPES else None
    return None


def _opened_inside(key: str, value: Any) -> Any:
    """What holds schemas or has limits of its own; None where it cannot be said."""
    if key == "enum":
        # Gemini lists texts only.
        texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return value if texts else None
    if key == "additionalProperties":
        return value if isinstance(value, bool) else _opened(value)
    if key == "items":
        return _opened(value)
    if key == "anyOf" and isinstance(value, list):
        each = [_opened(inner) for inner in value]
        return each if None not in each else None
    if key == "properties" and isinstance(value, Mapping):
        named = {name: _opened(inner) for name, inner in value.items()}
        return named if None not in named.values() else None
    return None


def _closed(schema: Any) -> Any:
    """Gemini's Schema as a JSON Schema."""
    if not isinstance(schema, Mapping):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "type" and isinstance(value, str):
            kind = value.lower()
            made[key] = [kind, "null"] if schema.get("nullable") is True else kind
        elif key == "properties" and isinstance(value, Mapping):
            made[key] = {name: _closed(inner) for name, inner in value.items()}
        elif key == "anyOf" and isinstance(value, list):
            made[key] = [_closed(inner) for inner in value]
        elif key in ("items", "additionalProperties"):
            made[key] = _closed(value)
        elif not (key == "nullable" and value is True and isinstance(schema.get("type"), str)):
            made[key] = value
    return made
