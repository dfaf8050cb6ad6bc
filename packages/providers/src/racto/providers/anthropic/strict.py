"""JSON Schema in the subset that Anthropic enforces, and a list of what it cannot express."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from racto.core.schemas import type_schema

_NOT_EXPRESSIBLE = (
    "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    "patternProperties", "prefixItems", "contains", "propertyNames", "unevaluatedProperties",
    "unevaluatedItems", "additionalItems", "minProperties", "maxProperties",
)  # fmt: skip

# Limits that the API refuses to enforce. The model is told in words, and racto's own validation
# of the reply enforces them, so nothing is lost.
_TOLD_IN_WORDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matching the pattern {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "uniqueItems": "all items different",
    "contentEncoding": "encoded as {}",
    "contentMediaType": "of media type {}",
    "format": "format {}",
    "examples": "for example {}",
}
_FORMATS = frozenset(
    "date-time time date duration email hostname uri ipv4 ipv6 uuid".split()  # noqa: SIM905
)
# Beyond these the grammar that holds the model to a pattern does not go.
_COMPLEX_PATTERN = re.compile(r"\(\?(?!:)|\\[^dDwWsS\W]|\{\d{3}|\{\d*,\d{3}")
_SILENT = ("$schema", "$id", "$comment", "discriminator", "deprecated", "readOnly", "writeOnly")
_DEFINITIONS = ("$defs", "definitions")
_PRIMITIVES = (str, int, float, bool, type(None))

# Keywords that say something about values of one type only.
_OF_TYPE = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_OF_TYPE["integer"] = _OF_TYPE["number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictSchema:
    """A schema that Anthropic holds the model to.

    Attributes:
        schema: The schema; every object closed, optional properties still optional.
        losses: What the API cannot enforce, with the path in the schema; a schema with losses
            must not be sent, because it would be refused or forbid right replies.
    """

    schema: dict[str, Any]
    losses: tuple[str, ...] = ()


def strict_schema(schema: Mapping[str, Any]) -> StrictSchema:
    """Turn a JSON Schema into one that the API enforces.

    One-of becomes any-of, references with siblings are resolved in place, lists of types become
    any-of, and limits that are not enforced move into the description. Properties may be called
    ``title``, ``format`` or ``default``: names are never taken for keywords.

    Args:
        schema: Any JSON Schema; not modified.
    """
    adapter = _Adapter(schema)
    adapted = adapter.adapt(schema, "$")
    return StrictSchema(schema=adapted, losses=tuple(adapter.losses))


@functools.lru_cache(maxsize=256)
def strict_model_schema(model: type[BaseModel]) -> StrictSchema:
    """The strict schema of a model, made once."""
    return strict_schema(type_schema(model))


class _Adapter:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._definitions: dict[str, Any] = {}
        for word in _DEFINITIONS:
            self._definitions |= root.get(word, {})
        endless = list(_endless(self._definitions))
        self._is_endless = bool(endless)
        self.losses = [f"$defs.{name}: a type that contains itself" for name in endless]

    def adapt(self, schema: Any, path: str) -> dict[str, Any]:
        """A schema and all schemas inside it, adapted."""
        if not isinstance(schema, Mapping):
            self.losses.append(f"{path}: a schema of any value")
            return {}
        new = self._spelled_out({key: each for key, each in schema.items() if key not in _SILENT})
        self._report(new, path)
        _tell(new)
        self._descend(new, path)
        if new.get("type") == "object" or "properties" in new:
            self._close(new, path)
        return new

    def _spelled_out(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same schema without the shorthands that the API does not know."""
        # A type that contains itself would be resolved without end; it is reported already.
        if "$ref" in schema and schema.keys() - {"$ref", *_DEFINITIONS} and not self._is_endless:
            referred = self._definitions.get(_name(schema.pop("$ref")), {})
            return self._spelled_out({**referred, **schema})
        if len(schema.get("allOf", ())) == 1:
            return self._spelled_out({**schema.pop("allOf")[0], **schema})
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
        if isinstance(schema.get("type"), list):
            kinds = schema.pop("type")
            # An enumeration says it all.
            if "enum" not in schema:
                about: dict[str, Any] = {
                    word: schema.pop(word) for word in ("description", "title") if word in schema
                }
                kinds = [{"type": kind, **_fitting(schema, kind)} for kind in kinds]
                return {**about, "anyOf": kinds}
        return schema

    def _report(self, schema: dict[str, Any], path: str) -> None:
        for word in _NOT_EXPRESSIBLE:
            if word in schema:
                self.losses.append(f"{path}: {word}")
        # Words about a value say nothing of its shape.
        if not schema.keys() - {"description", "title", "default", "examples", *_DEFINITIONS}:
            self.losses.append(f"{path}: a value of any type")
        if schema.get("type") == "array" and "items" not in schema:
            self.losses.append(f"{path}: an array of any items")
        if "$ref" in schema and _name(schema["$ref"]) not in self._definitions:
            self.losses.append(f"{path}: a reference to {schema['$ref']}")
        values = [*schema.get("enum", ()), schema.get("const")]
        if not all(isinstance(value, _PRIMITIVES) for value in values):
            self.losses.append(f"{path}: an enumeration of objects or arrays")

    def _descend(self, schema: dict[str, Any], path: str) -> None:
        for word in ("properties", *_DEFINITIONS):
            if word in schema:
                inner = schema[word].items()
                schema[word] = {name: self.adapt(each, f"{path}.{name}") for name, each in inner}
        if "anyOf" in schema:
            parts = enumerate(schema["anyOf"])
            schema["anyOf"] = [self.adapt(each, f"{path}|{number}") for number, each in parts]
        if "items" in schema:
            schema["items"] = self.adapt(schema["items"], f"{path}[]")

    def _close(self, schema: dict[str, Any], path: str) -> None:
        if schema.get("additionalProperties", False) is not False:
            self.losses.append(f"{path}: an object with keys of any name (a dict)")
        elif "properties" not in schema:
            self.losses.append(f"{path}: an object of any shape")
        schema["additionalProperties"] = False


def _tell(schema: dict[str, Any]) -> None:
    words = [
        phrase.format(_shown(schema.pop(word)))
        for word, phrase in _TOLD_IN_WORDS.items()
        if word in schema and not _is_enforced(word, schema[word])
    ]
    if words:
        told = f"({', '.join(words)})"
        schema["description"] = f"{schema.get('description', '')} {told}".strip()


def _is_enforced(word: str, value: Any) -> bool:
    if word == "pattern":
        return not _COMPLEX_PATTERN.search(str(value))
    return (word == "minItems" and value in (0, 1)) or (word == "format" and value in _FORMATS)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _name(reference: Any) -> str:
    """The definition that a reference leads to."""
    return str(reference).removeprefix("#/$defs/").removeprefix("#/definitions/")


def _fitting(schema: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The keywords of a schema that say something about values of one type."""
    others = {word for words in _OF_TYPE.values() for word in words} - {*_OF_TYPE.get(kind, ())}
    return {word: value for word, value in schema.items() if word not in others}


def _endless(definitions: Mapping[str, Any]) -> Iterator[str]:
    """Names of the definitions that lead back to themselves."""
    leads = {name: set(_references(inner)) for name, inner in definitions.items()}
    for name in leads:
        reached: set[str] = set()
        frontier = leads[name]
        while frontier:
            reached |= frontier
            frontier = {far for near in frontier for far in leads.get(near, ())} - reached
        if name in reached:
            yield name


def _references(schema: Any) -> Iterator[str]:
    """The definitions that a schema names, at any depth."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield _name(schema["$ref"])
        for inner in schema.values():
            yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)
