"""JSON Schema in the subset that Gemini enforces, and a list of what it cannot express.

The subset is that of ``GenerationConfig.responseJsonSchema`` in Google's API reference. Gemini
takes more than it enforces, and keeps silent about the rest; here nothing is lost in silence.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from racto.core.schemas import type_schema

_ENFORCED = frozenset(
    """
    $id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems
    minimum maximum anyOf oneOf properties additionalProperties required propertyOrdering
    """.split()  # noqa: SIM905 - a table of forty quoted words is no better
)

_NOT_EXPRESSIBLE = frozenset(
    """
    allOf not if then else dependentRequired dependentSchemas patternProperties contains
    minContains maxContains propertyNames unevaluatedProperties unevaluatedItems additionalItems
    """.split()  # noqa: SIM905
)

# Limits that Gemini does not check. The model is told in words, and racto's own validation of the
# reply enforces them, so nothing is lost.
_TOLD_IN_WORDS = {
    "pattern": "matching the regular expression {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "uniqueItems": "all items different",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "contentEncoding": "encoded as {}",
    "contentMediaType": "of media type {}",
}

_KNOWN = _ENFORCED | _NOT_EXPRESSIBLE | _TOLD_IN_WORDS.keys() | {"const"}

_FORMATS = frozenset(["date-time", "date", "time"])

_BY_NAME = ("properties", "$defs")
_LISTED = ("anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptedSchema:
    """A schema for Gemini.

    Attributes:
        schema: The schema, without what Gemini would not enforce.
        losses: What it cannot express, with the path in the schema.
    """

    schema: dict[str, Any]
    losses: tuple[str, ...] = ()


def adapted_schema(schema: Mapping[str, Any]) -> AdaptedSchema:
    """Turn a JSON Schema into one that Gemini enforces.

    Limits that it does not check move into the description, and references with siblings are
    wrapped. Properties may be called ``pattern`` or ``default``: names are never taken for
    keywords.

    Args:
        schema: Any JSON Schema; not modified.
    """
    losses: list[str] = []
    made = _adapted(schema, "$", losses)
    losses += [f"$defs.{name}: a recursion through required properties" for name in _endless(made)]
    return AdaptedSchema(schema=made, losses=tuple(losses))


@functools.lru_cache(maxsize=256)
def adapted_model_schema(model: type[BaseModel]) -> AdaptedSchema:
    """The adapted schema of a model, made once."""
    return adapted_schema(type_schema(model))


def _adapted(schema: Any, path: str, losses: list[str]) -> Any:
    """A schema and all schemas inside it, adapted."""
    if not isinstance(schema, Mapping):
        return schema
    # All other words forbid nothing: defaults, examples, a generator's own notes.
    new = {word: value for word, value in schema.items() if word in _KNOWN}
    if len(new.get("allOf", ())) == 1:
        new = {**new.pop("allOf")[0], **new}
    new = _with_plain_values(new, path, losses)
    _tell(new)
    losses.extend(f"{path}: {word}" for word in new if word in _NOT_EXPRESSIBLE)
    _descend(new, path, losses)
    beside = {word for word in new if not word.startswith("$")}
    if "$ref" in new and beside:
        new = {**{word: new[word] for word in beside}, "anyOf": [{"$ref": new["$ref"]}]}
    return new


def _with_plain_values(schema: dict[str, Any], path: str, losses: list[str]) -> dict[str, Any]:
    """The schema whose enum holds text and numbers, which is all that Gemini takes there."""
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    values = schema.get("enum")
    if not isinstance(values, list) or all(map(_is_plain, values)):
        return schema
    if any(isinstance(value, list | Mapping) for value in values):
        losses.append(f"{path}: an enum of arrays or objects")
        return schema
    kinds: list[dict[str, Any]] = []
    if plain := [value for value in values if _is_plain(value)]:
        kinds.append({"enum": plain})
    if flags := [value for value in values if isinstance(value, bool)]:
        told = {} if len(flags) > 1 else {"description": f"(always {str(flags[0]).lower()})"}
        kinds.append({"type": "boolean", **told})
    if None in values:
        kinds.append({"type": "null"})
    del schema["enum"]
    return {**schema, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})}


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _tell(schema: dict[str, Any]) -> None:
    words = [
        phrase.format(schema.pop(word)) for word, phrase in _TOLD_IN_WORDS.items() if word in schema
    ]
    if "format" in schema and schema["format"] not in _FORMATS:
        words.append(f"format {schema.pop('format')}")
    if words:
        told = f"({', '.join(words)})"
        schema["description"] = f"{schema.get('description', '')} {told}".strip()


def _descend(schema: dict[str, Any], path: str, losses: list[str]) -> None:
    for word in _BY_NAME:
        if isinstance(schema.get(word), Mapping):
            schema[word] = {
                name: _adapted(inner, f"{path}.{name}", losses)
                for name, inner in schema[word].items()
            }
    for word in _LISTED:
        if isinstance(schema.get(word), list):
            schema[word] = [
                _adapted(inner, f"{path}|{number}", losses)
                for number, inner in enumerate(schema[word])
            ]
    for word in _SINGLE:
        if word in schema:
            schema[word] = _adapted(schema[word], f"{path}[]", losses)


def _endless(schema: Mapping[str, Any]) -> Iterator[str]:
    """The definitions that must contain themselves, which Gemini refuses to unroll."""
    edges = {name: set(_musts(inner)) for name, inner in schema.get("$defs", {}).items()}
    for name in edges:
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            for each in edges.get(waiting.pop(), set()) - reached:
                reached.add(each)
                waiting.append(each)
        if name in reached:
            yield name


def _musts(schema: Any) -> Iterator[str]:
    """The definitions that a schema refers to outside of optional properties."""
    if not isinstance(schema, Mapping):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"].removeprefix("#/$defs/")
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        if name in required:
            yield from _musts(inner)
    for word in _LISTED:
        for inner in schema.get(word, ()):
            yield from _musts(inner)
    for word in _SINGLE:
        yield from _musts(schema.get(word))
