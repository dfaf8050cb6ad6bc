"""Whether JSON data fits a JSON Schema, and in which places it does not.

Covers what tool and reply schemas use: types, enumerations, objects, arrays, combinations,
references and bounds. Patterns, formats and unknown keywords are left to the schema's owner.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

_Check: TypeAlias = Callable[[Any, Any, "_Place"], Iterator[str]]

_DEEPEST = 64
# A schema of references to itself could branch without end, and remote ones are untrusted.
_MOST_CHECKS = 1_000_000


def problems(value: Any, schema: Mapping[str, Any] | bool, *, path: str = "value") -> list[str]:
    """One line for each place where ``value`` does not fit; none when it does.

    Args:
        value: JSON data: what ``json.loads`` may return.
        schema: JSON Schema; references must point inside it (``#/...``).
        path: What the whole value is called in the lines.
    """
    root = schema if isinstance(schema, Mapping) else {}
    try:
        return list(_Place(root, root, path, 0, iter(range(_MOST_CHECKS))).check(value, schema))
    except _TooManyChecksError:
        return [f"{path}: is too large, or its schema too convoluted, to be checked"]


class _TooManyChecksError(Exception):
    """The budget of one validation is spent; never leaves this room."""


class _Place:
    """Where the check stands: the root for references, the current schema, path and depth."""

    __slots__ = ("budget", "depth", "path", "root", "schema")

    def __init__(
        self,
        root: Mapping[str, Any],
        schema: Mapping[str, Any],
        path: str,
        depth: int,
        budget: Iterator[int],
    ) -> None:
        self.root, self.schema, self.path, self.depth = root, schema, path, depth
        self.budget = budget

    def check(self, value: Any, schema: Any, step: str = "") -> Iterator[str]:
        if schema is False:
            yield f"{self.path}{step}: nothing is allowed here"
        # A schema may refer to itself without end; the data it describes cannot.
        if not isinstance(schema, (dict, Mapping)) or self.depth > _DEEPEST:
            return
        if next(self.budget, None) is None:
            raise _TooManyChecksError
        place = _Place(self.root, schema, self.path + step, self.depth + 1, self.budget)
        for word, wanted in schema.items():
            rule = _RULES.get(word)
            # A remote tool's schema may be nonsense; its owner judges what is written so.
            if rule is not None and _is_sound(word, wanted):
                yield from rule(value, wanted, place)

    def fits(self, value: Any, schema: Any) -> bool:
        return next(self.check(value, schema), None) is None


def _reference(value: Any, wanted: str, place: _Place) -> Iterator[str]:
    target: Any = place.root
    for step in wanted.removeprefix("#").strip("/").split("/"):
        if step:
            key = step.replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, Mapping) else None
    yield from place.check(value, target)


def _type(value: Any, wanted: str | Sequence[str], place: _Place) -> Iterator[str]:
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    if not any(_is_type(value, kind) for kind in kinds):
        yield f"{place.path}: should be {' or '.join(kinds)}, got {_shown(value)}"


def _is_type(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind == "number":
        return isinstance(value, (int, float))
    if kind == "null":
        return value is None
    return kind not in _CLASSES or isinstance(value, _CLASSES[kind])


def _enum(value: Any, wanted: Sequence[Any], place: _Place) -> Iterator[str]:
    if not any(_same(value, allowed) for allowed in wanted):
        allowed = ", ".join(_shown(item) for item in wanted)
        yield f"{place.path}: should be one of {allowed}, got {_shown(value)}"


def _const(value: Any, wanted: Any, place: _Place) -> Iterator[str]:
    yield from _enum(value, [wanted], place)


def _required(value: Any, wanted: Sequence[str], place: _Place) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name in wanted:
            if name not in value:
                yield f"{place.path}.{name}: required, but missing"


def _properties(value: Any, wanted: Mapping[str, Any], place: _Place) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, schema in wanted.items():
            if name in value:
                yield from place.check(value[name], schema, f".{name}")


def _additional(value: Any, wanted: Any, place: _Place) -> Iterator[str]:
    # With patternProperties, which names are additional depends on regular expressions.
    if not isinstance(value, Mapping) or "patternProperties" in place.schema:
        return
    known = place.schema.get("properties") or {}
    for name in value:
        if name not in known and wanted is False:
            yield f"{place.path}.{name}: no such property; known: {', '.join(known) or 'none'}"
        elif name not in known:
            yield from place.check(value[name], wanted, f".{name}")


def _items(value: Any, wanted: Any, place: _Place) -> Iterator[str]:
    if isinstance(value, list) and not isinstance(wanted, list):
        for number in range(len(place.schema.get("prefixItems") or ()), len(value)):
            yield from place.check(value[number], wanted, f"[{number}]")


def _prefix(value: Any, wanted: Sequence[Any], place: _Place) -> Iterator[str]:
    if isinstance(value, list):
        for number, (item, schema) in enumerate(zip(value, wanted, strict=False)):
            yield from place.check(item, schema, f"[{number}]")


def _all_of(value: Any, wanted: Sequence[Any], place: _Place) -> Iterator[str]:
    for schema in wanted:
        yield from place.check(value, schema)


def _any_of(value: Any, wanted: Sequence[Any], place: _Place) -> Iterator[str]:
    found = [list(place.check(value, schema)) for schema in wanted]
    if found and all(found):
        # The branch that failed deepest is most likely the one that was meant.
        nearest = max(found, key=lambda lines: (len(lines[0].partition(":")[0]), -len(lines)))
        yield from nearest


def _one_of(value: Any, wanted: Sequence[Any], place: _Place) -> Iterator[str]:
    fitting = sum(place.fits(value, schema) for schema in wanted)
    if fitting == 0:
        yield from _any_of(value, wanted, place)
    elif fitting > 1:
        yield f"{place.path}: fits {fitting} of the alternatives, where exactly one is allowed"


def _not(value: Any, wanted: Any, place: _Place) -> Iterator[str]:
    if place.fits(value, wanted):
        yield f"{place.path}: is of a shape that is not allowed, got {_shown(value)}"


def _bound(words: str, measure: Callable[[Any], Any], holds: Callable[[Any, Any], bool]) -> _Check:
    """A rule that compares a number or a length with a limit; other values pass."""

    def rule(value: Any, wanted: Any, place: _Place) -> Iterator[str]:
        measured = measure(value)
        if measured is not None and not holds(measured, wanted):
            yield f"{place.path}: {words} {wanted}, got {_shown(value)}"

    return rule


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _length(kind: type[str] | type[list[Any]]) -> Callable[[Any], int | None]:
    return lambda value: len(value) if isinstance(value, kind) else None


def _is_multiple(value: float, of: float) -> bool:
    rest = math.fmod(value, of)
    return math.isclose(rest, 0.0, abs_tol=1e-9) or math.isclose(abs(rest), of, rel_tol=1e-9)


def _unique(value: Any, wanted: Any, place: _Place) -> Iterator[str]:
    if wanted is True and isinstance(value, list):
        seen = {json.dumps(item, sort_keys=True) for item in value}
        if len(seen) < len(value):
            yield f"{place.path}: the elements should be unique"


def _same(one: Any, two: Any) -> bool:
    # In JSON, true is not 1.
    return isinstance(one, bool) == isinstance(two, bool) and bool(one == two)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_sound(word: str, wanted: Any) -> bool:
    """Whether a keyword's value is of the shape that the standard gives it."""
    if isinstance(wanted, list) and word in _TEXTS:
        return all(isinstance(item, str) for item in wanted)
    if word == "multipleOf":
        return isinstance(wanted, (int, float)) and wanted > 0
    return isinstance(wanted, _SHAPES.get(word, object))


_TEXTS = ("type", "required")

_SHAPES: dict[str, Any] = {
    **dict.fromkeys(("$ref", "type"), str),
    "properties": (dict, Mapping),
    **dict.fromkeys(("required", "enum", "prefixItems", "allOf", "anyOf", "oneOf"), list),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (int, float)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (int, float)),
}

_CLASSES: dict[str, Any] = {"boolean": bool, "string": str, "array": list, "object": Mapping}

_RULES: dict[str, _Check] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "prefixItems": _prefix,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "minimum": _bound("should be at least", _number, lambda value, limit: value >= limit),
    "maximum": _bound("should be at most", _number, lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound("should be above", _number, lambda value, limit: value > limit),
    "exclusiveMaximum": _bound("should be below", _number, lambda value, limit: value < limit),
    "multipleOf": _bound("should be a multiple of", _number, _is_multiple),
    "minLength": _bound("length should be at least", _length(str), lambda n, limit: n >= limit),
    "maxLength": _bound("length should be at most", _length(str), lambda n, limit: n <= limit),
    "minItems": _bound("items should be at least", _length(list), lambda n, limit: n >= limit),
    "maxItems": _bound("items should be at most", _length(list), lambda n, limit: n <= limit),
    "uniqueItems": _unique,
}
