"""Where a JSON Schema is none: faults that a model, a provider or a validator would stumble over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")
_DEEPEST: Final = 64
_MOST: Final = 10_000
_INNER: Final = ("items", "additionalProperties", "not", "contains", "propertyNames")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "$defs", "definitions", "patternProperties")


def faults_of(schema: Mapping[str, Any]) -> list[str]:
    """One line for each fault, with its place; none for a sound schema.

    Args:
        schema: The schema of a tool's arguments or of its result.
    """
    found = []
    if schema.get("type") != "object":
        found.append("at its root: the type must be object")
    # Whoever wrote the schema may be hostile: the walk has an end.
    faults = _faults(schema, schema, "", 0, iter(range(_MOST)))
    return [*found, *faults]


def _faults(
    schema: Any, root: Mapping[str, Any], place: str, depth: int, budget: Iterator[int]
) -> Iterator[str]:
    where = place or "at its root"
    if not isinstance(schema, Mapping):
        if not isinstance(schema, bool):
            yield f"{where}: is no schema"
        return
    if depth > _DEEPEST or next(budget, None) is None:
        yield f"{where}: too deep or too large to be read"
        return
    yield from _of_words(schema, root, where)
    for word in _MAPS:
        held = schema.get(word, {})
        if not isinstance(held, Mapping):
            yield f"{where}: {word} is no object"
            continue
        for name, inner in held.items():
            yield from _faults(inner, root, f"{place}.{name}".lstrip("."), depth + 1, budget)
    for word in _LISTS:
        held = schema.get(word, [])
        if not isinstance(held, list):
            yield f"{where}: {word} is no list"
            continue
        for number, inner in enumerate(held):
            yield from _faults(inner, root, f"{place}/{word}[{number}]", depth + 1, budget)
    for word in _INNER:
        if word in schema:
            yield from _faults(schema[word], root, f"{place}/{word}", depth + 1, budget)


def _of_words(schema: Mapping[str, Any], root: Mapping[str, Any], where: str) -> Iterator[str]:
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _TYPES:
            yield f"{where}: there is no type {kind!r}"
    if "enum" in schema and not (isinstance(schema["enum"], list) and schema["enum"]):
        yield f"{where}: enum is no list of values"
    if "$ref" in schema and not _is_there(schema["$ref"], root):
        yield f"{where}: $ref {schema['$ref']!r} leads nowhere in this schema"
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        yield f"{where}: required is no list of names"
        return
    known = schema.get("properties")
    # Only where nothing else is allowed, can the name never be given.
    if isinstance(known, Mapping) and schema.get("additionalProperties") is False:
        for name in required:
            if name not in known:
                yield f"{where}: {name} is required, and not among the properties"


def _is_there(reference: Any, root: Mapping[str, Any]) -> bool:
    # A reference to elsewhere is followed by no provider.
    if not isinstance(reference, str) or not reference.startswith("#"):
        return False
    target: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, Mapping) or key not in target:
                return False
            target = target[key]
    return True
