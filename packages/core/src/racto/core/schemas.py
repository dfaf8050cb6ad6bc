"""JSON Schema (draft 2020-12) of any annotated function, pydantic model or type, whole.

Items, nested models (``$defs``), Literal, Optional, unions, enums, defaults and constraints are
kept. Titles that pydantic only derives from names are left out; a field *named* ``title`` stays.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from .errors import SchemaError

_NAMED_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE_SCHEMAS = ("items", "additionalProperties", "not", "contains", "propertyNames")


def schema_of(
    target: Any,
    *,
    mode: Literal["validation", "serialization"] = "validation",
    injected: Collection[type] = (),
) -> dict[str, Any]:
    """The JSON Schema of a model, a type, or of a function's arguments.

    Args:
        target: Pydantic model, dataclass, any type that pydantic knows, or a function.
        mode: ``validation`` describes what is accepted, ``serialization`` what is returned.
        injected: Types whose parameters are not part of a function's schema.

    Returns:
        A new dictionary that the caller may change.

    Raises:
        SchemaError: If the target, or one of a function's parameters, has no JSON Schema.
    """
    if _is_function(target):
        from .arguments import FunctionArguments

        return FunctionArguments(target, injected=injected).json_schema
    return type_schema(target, mode=mode)


def type_schema(
    target: Any, *, mode: Literal["validation", "serialization"] = "validation"
) -> dict[str, Any]:
    """The JSON Schema of a pydantic model or of a type.

    Raises:
        SchemaError: If pydantic cannot describe it.
    """
    from pydantic.errors import PydanticUserError

    try:
        if isinstance(target, type) and issubclass(target, BaseModel):
            schema = target.model_json_schema(mode=mode, schema_generator=_generator())
        else:
            schema = TypeAdapter(target).json_schema(mode=mode, schema_generator=_generator())
    except (PydanticUserError, NameError) as error:
        reason = str(error).partition("\n")[0]
        raise SchemaError(f"{_type_name(target)} has no JSON Schema: {reason}") from error
    return without_derived_titles(schema, _type_name(target))


def without_derived_titles(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Drop the class names that pydantic repeats as titles of the root and of each definition.

    Args:
        schema: A schema as pydantic made it.
        name: Name of the class that the root describes.
    """
    lean = dict(schema)
    if lean.get("title") == name:
        del lean["title"]
    if "$defs" in lean:
        lean["$defs"] = {
            key: {word: value for word, value in inner.items() if word != "title"}
            if inner.get("title") in (key, key.rpartition("__")[2])
            else inner
            for key, inner in lean["$defs"].items()
        }
    return lean


def map_schema(
    schema: Mapping[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Apply ``change`` to every schema inside a schema, innermost first, and to the whole.

    Tells keywords from names: a property called ``title``, ``format`` or ``items`` is never
    taken for the keyword, and data under ``default``, ``enum`` and ``const`` is not touched.

    Args:
        schema: Any JSON Schema; not modified.
        change: Takes a schema whose inner schemas are already changed, returns its replacement.
    """
    new = dict(schema)
    for word in _NAMED_SCHEMAS:
        if isinstance(new.get(word), Mapping):
            new[word] = {key: _mapped(inner, change) for key, inner in new[word].items()}
    for word in _LISTED_SCHEMAS:
        if isinstance(new.get(word), list):
            new[word] = [_mapped(inner, change) for inner in new[word]]
    for word in _SINGLE_SCHEMAS:
        if word in new:
            new[word] = _mapped(new[word], change)
    return change(new)


def json_value(value: Any) -> Any:
    """A Python value as JSON data: models, dataclasses, enums, dates and sets included.

    Raises:
        ValueError: If the value, or something in it, has no JSON form.
    """
    if value is None or type(value) in (str, bool, int):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise ValueError(f"{value} is not a JSON number")
    # Through text, which turns keys into strings and tuples into lists as a wire would.
    return json.loads(json_text(value))


def json_text(value: Any) -> str:
    """A Python value as compact JSON text; not-a-number and infinities become null.

    Raises:
        ValueError: If the value, or something in it, has no JSON form.
    """
    return _any().dump_json(value).decode()


@functools.cache
def _any() -> TypeAdapter[Any]:
    return TypeAdapter(Any)


@functools.cache
def _generator() -> Any:
    # Loading pydantic.json_schema costs milliseconds that a mere import should not pay.
    from pydantic.json_schema import GenerateJsonSchema

    class LeanJsonSchema(GenerateJsonSchema):
        ignored_warning_kinds = {*GenerateJsonSchema.ignored_warning_kinds, "non-serializable-default"}  # noqa: RUF012 # fmt: skip

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    return LeanJsonSchema


def _mapped(inner: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    return map_schema(inner, change) if isinstance(inner, Mapping) else inner


def _is_function(target: Any) -> bool:
    import types

    kinds = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial)
    return isinstance(target, kinds)


def _type_name(target: Any) -> str:
    return str(getattr(target, "__name__", None) or target)
