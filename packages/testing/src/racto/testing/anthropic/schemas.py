"""The part of JSON Schema that Anthropic's structured output understands; all else is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .reading import Objection

# Keywords that say nothing of the values, or that any type may have.
_ANYWHERE = frozenset(
    {
        "type",
        "title",
        "description",
        "default",
        "examples",
        "enum",
        "const",
        "anyOf",
        "allOf",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$ref",
        "$defs",
        "definitions",
        "$schema",
        "$id",
        "$comment",
    }
)
# A type's own keywords. What bounds numbers and lengths is missing on purpose: the API makes a
# grammar of a schema, and a grammar cannot count.
_OF_TYPE = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems"}),
    "string": frozenset({"format", "pattern"}),
    "integer": frozenset[str](),
    "number": frozenset[str](),
    "boolean": frozenset[str](),
    "null": frozenset[str](),
}
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
# Neither can it look around, look back, or see where a word ends.
_REGEX_BEYOND_GRAMMARS = ("(?=", "(?!", "(?<", r"\b", r"\B", *(rf"\{n}" for n in range(1, 10)))
# Documented limits of one request, over all of its strict schemas together.
_MOST_STRICT_TOOLS = 20
_MOST_OPTIONAL = 24
_MOST_UNIONS = 16
_TOO_COMPLEX = (
    "Schema is too complex for compilation. Try reducing the number of strict tools, of optional "
    "parameters or of parameters with union types."
)


def objections(schemas: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Objection]:
    """Tell what is wrong with the schemas of a request.

    Args:
        schemas: Each with its place in the request.

    Yields:
        One objection after the other, the worst of a schema not always first.
    """
    optional = unions = 0
    for place, schema in schemas:
        for trouble in _troubles(schema):
            yield f"{place}: {trouble}"
        for circle in _circles(schema):
            yield f"{place}: Circular reference detected in schema definitions: {circle}"
        for part in _parts(schema):
            properties = _mapping(part.get("properties"))
            required = _list(part.get("required"))
            optional += sum(name not in required for name in properties)
            unions += sum(map(_is_union, properties.values()))
    tools = sum(place.startswith("tools.") for place, _ in schemas)
    if tools > _MOST_STRICT_TOOLS or optional > _MOST_OPTIONAL or unions > _MOST_UNIONS:
        yield _TOO_COMPLEX


def _troubles(root: Mapping[str, Any]) -> Iterator[str]:
    for part in _parts(root):
        yield from _refused_keywords(part)
        yield from _refused_values(part)
        reference = part.get("$ref")
        if reference is not None and _named(root, reference) is None:
            yield f"$ref '{reference}' is not supported: it must name one of the schema's own $defs"


def _refused_keywords(part: Mapping[str, Any]) -> Iterator[str]:
    kinds = _kinds(part)
    if strange := [kind for kind in kinds if not isinstance(kind, str) or kind not in _OF_TYPE]:
        yield f"Schema type '{strange[0]}' is not supported"
        return
    extra = sorted(part.keys() - _ANYWHERE.union(*(_OF_TYPE[kind] for kind in kinds)))
    if extra and kinds:
        yield f"For '{kinds[0]}' type, properties {', '.join(extra)} are not supported"
    elif extra:
        # ``oneOf``, ``not``, ``if`` and their like stand where a type would.
        yield f"Schema type '{extra[0]}' is not supported"
    elif not part.keys() & {"type", "enum", "const", "anyOf", "allOf", "$ref"}:
        yield "Schema type is missing: each schema needs a 'type', 'enum', 'const', 'anyOf' or '$ref'"


def _refused_values(part: Mapping[str, Any]) -> Iterator[str]:
    if "object" in _kinds(part):
        # Left out means true in JSON Schema, which the API does not assume to be meant.
        closed = part.get("additionalProperties", ...)
        if closed is ...:
            yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
        elif closed is not False:
            told = "true" if closed is True else "object"
            yield (
                f"For 'object' type, 'additionalProperties: {told}' is not supported. Please set "
                "'additionalProperties' to false"
            )
    if part.get("minItems", 0) not in (0, 1):
        yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    if "format" in part and str(part["format"]) not in _FORMATS:
        yield f"For 'string' type, format '{part['format']}' is not supported"
    if any(piece in str(part.get("pattern", "")) for piece in _REGEX_BEYOND_GRAMMARS):
        yield f"For 'string' type, pattern '{part['pattern']}' is not supported"
    if any(isinstance(value, dict | list) for value in _list(part.get("enum"))):
        yield "Enum values must be strings, numbers, booleans or null"
    if any("$ref" in _mapping(branch) for branch in _list(part.get("allOf"))):
        yield "'allOf' with '$ref' is not supported"


def _parts(schema: object) -> Iterator[Mapping[str, Any]]:
    """The schema and all schemas within it, definitions included."""
    # No recursion: a client may send a schema of any depth.
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Mapping):
            continue
        yield part
        for name in ("properties", "$defs", "definitions"):
            waiting.extend(_mapping(part.get(name)).values())
        for name in ("anyOf", "allOf", "oneOf"):
            waiting.extend(_list(part.get(name)))
        waiting.append(part.get("items"))


def _circles(root: Mapping[str, Any]) -> Iterator[str]:
    definitions = {**_mapping(root.get("$defs")), **_mapping(root.get("definitions"))}
    leads_to = {
        name: {
            target
            for part in _parts(schema)
            if (target := _named(root, part.get("$ref", ""))) is not None
        }
        for name, schema in definitions.items()
    }
    for name in leads_to:
        # All that can be reached from a definition; when it is among that, it is a circle.
        reached, waiting = set[str](), set(leads_to[name])
        while waiting:
            reached |= waiting
            waiting = {far for near in waiting for far in leads_to.get(near, ())} - reached
        if name in reached:
            yield f"{name} -> {name}"


def _named(root: Mapping[str, Any], reference: object) -> str | None:
    """The name of the definition to which a reference leads."""
    for home in ("$defs", "definitions"):
        start = f"#/{home}/"
        if isinstance(reference, str) and reference.startswith(start):
            name = reference.removeprefix(start)
            return name if name in _mapping(root.get(home)) else None
    return None


def _is_union(schema: object) -> bool:
    return isinstance(schema, Mapping) and ("anyOf" in schema or len(_kinds(schema)) > 1)


def _kinds(part: Mapping[str, Any]) -> list[Any]:
    kind = part.get("type")
    return kind if isinstance(kind, list) else [] if kind is None else [kind]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
