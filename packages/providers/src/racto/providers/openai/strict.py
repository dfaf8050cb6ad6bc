"""JSON Schema in the subset that OpenAI enforces, and a list of what it cannot express."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from racto.core.schemas import type_schema

_NOT_EXPRESSIBLE = (
    "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    "patternProperties", "prefixItems", "contains", "propertyNames", "unevaluatedProperties",
    "unevaluatedItems", "additionalItems", "minProperties", "maxProperties",
)  # fmt: skip

# Limits that strict mode does not check. The model is told in words, and racto's own validation
# of the reply enforces them, so nothing is lost.
_TOLD_IN_WORDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "uniqueItems": "all items different",
    "contentEncoding": "encoded as {}",
    "contentMediaType": "of media type {}",
}

_FORMATS = frozenset(
    "date-time time date duration email hostname ipv4 ipv6 uuid".split()  # noqa: SIM905
)

_SILENT = (
    "default",
    "examples",
    "$comment",
    "discriminator",
    "deprecated",
    "readOnly",
    "writeOnly",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictSchema:
    """A schema for OpenAI's strict mode.

    Attributes:
        schema: The schema; every property required, every object closed.
        losses: What strict mode cannot express, with the path in the schema; a schema with
            losses must not be sent as strict, because it would forbid right replies.
    """

    schema: dict[str, Any]
    losses: tuple[str, ...] = ()


def strict_schema(schema: Mapping[str, Any]) -> StrictSchema:
    """Turn a JSON Schema into one that strict mode takes.

    Optional properties become required (the model then writes their default or null), one-of
    becomes any-of, a reference with siblings becomes a choice of one, and limits that are not
    enforced move into the description. Properties may be called ``title``, ``format`` or
    ``default``: names are never taken for keywords.

    Args:
        schema: Any JSON Schema; not modified.
    """
    adapter = _Adapter(schema)
    root = dict(schema)
    if "$ref" in root:
        # A recursive model is a reference at its root, which must be an object.
        root = {**adapter.resolved(root["$ref"]), "$defs": root.get("$defs", {})}
    adapted = adapter.adapt(root, "$")
    if adapted.get("type") != "object":
        adapter.losses.append("$: the root must be an object; put the value into a model's field")
    return StrictSchema(schema=adapted, losses=tuple(adapter.losses))


@functools.lru_cache(maxsize=256)
def strict_model_schema(model: type[BaseModel]) -> StrictSchema:
    """The strict schema of a model, made once."""
    return strict_schema(type_schema(model))


class _Adapter:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._defs: Mapping[str, Any] = root.get("$defs", {})
        self.losses: list[str] = []

    def resolved(self, reference: str) -> dict[str, Any]:
        name = reference.removeprefix("#/$defs/")
        return copy.deepcopy(dict(self._defs.get(name, {})))

    def adapt(self, schema: Any, path: str) -> dict[str, Any]:
        """A schema and all schemas inside it, adapted."""
        if not isinstance(schema, Mapping):
            self.losses.append(f"{path}: a schema of any value")
            return {}
        new = {word: value for word, value in schema.items() if word not in _SILENT}
        if "$ref" in new and len(new) > 1:
            # Put in its place, a type that contains itself would have no end, and types that
            # contain each other would double at every step; a choice of one may have siblings.
            new["anyOf"] = [{"$ref": new.pop("$ref")}]
        if "oneOf" in new:
            new["anyOf"] = new.pop("oneOf")
        if len(new.get("allOf", ())) == 1:
            new = {**new.pop("allOf")[0], **new}
            return self.adapt(new, path)
        self._report(new, path)
        self._tell(new)
        self._descend(new, path)
        if new.get("type") == "object" or "properties" in new:
            self._close(new, path)
        return new

    def _report(self, schema: dict[str, Any], path: str) -> None:
        for word in _NOT_EXPRESSIBLE:
            if word in schema:
                self.losses.append(f"{path}: {word}")
        # Words about a value say nothing of its shape.
        described = schema.keys() - {"description", "title"}
        if not described:
            self.losses.append(f"{path}: a value of any type")
        if schema.get("type") == "array" and "items" not in schema:
            self.losses.append(f"{path}: an array of any items")

    def _tell(self, schema: dict[str, Any]) -> None:
        words = [
            phrase.format(schema.pop(word))
            for word, phrase in _TOLD_IN_WORDS.items()
            if word in schema
        ]
        if "format" in schema and schema["format"] not in _FORMATS:
            words.append(f"format {schema.pop('format')}")
        if words:
            told = f"({', '.join(words)})"
            schema["description"] = f"{schema.get('description', '')} {told}".strip()

    def _descend(self, schema: dict[str, Any], path: str) -> None:
        for word in ("properties", "$defs"):
            if word in schema:
                inner = schema[word].items()
                schema[word] = {name: self.adapt(each, f"{path}.{name}") for name, each in inner}
        if "anyOf" in schema:
            parts = enumerate(schema["anyOf"])
            schema["anyOf"] = [self.adapt(each, f"{path}|{number}") for number, each in parts]
        if "items" in schema:
            schema["items"] = self.adapt(schema["items"], f"{path}[]")

    def _close(self, schema: dict[str, Any], path: str) -> None:
        further = schema.get("additionalProperties", False)
        if further is not False:
            self.losses.append(f"{path}: an object with keys of any name (a dict)")
        elif "properties" not in schema:
            schema["properties"] = {}
        schema["additionalProperties"] = False
        schema["required"] = list(schema.get("properties", {}))
