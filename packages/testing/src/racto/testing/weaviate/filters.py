"""Filters as they travel over gRPC, and whether an object satisfies one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from .classes import StoredClass, StoredObject
from .refusals import Refused

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "OPERATOR_EQUAL": operator.eq,
    "OPERATOR_NOT_EQUAL": operator.ne,
    "OPERATOR_GREATER_THAN": operator.gt,
    "OPERATOR_GREATER_THAN_EQUAL": operator.ge,
    "OPERATOR_LESS_THAN": operator.lt,
    "OPERATOR_LESS_THAN_EQUAL": operator.le,
}
_VALUES = ("value_text", "value_int", "value_boolean", "value_number")
_LISTS = ("value_text_array", "value_int_array", "value_boolean_array", "value_number_array")
_KINDS = {
    "text": "value_text",
    "text[]": "value_text",
    "int": "value_int",
    "number": "value_number",
    "boolean": "value_boolean",
}


def satisfies(given: Any, each: StoredObject, owner: StoredClass) -> bool:
    """Whether an object satisfies a filter.

    Args:
        given: The filter, a message of Weaviate's.
        each: The object.
        owner: Its class.

    Raises:
        Refused: If the service would not take the filter.
    """
    name = given.Operator.Name(given.operator)
    if name in ("OPERATOR_AND", "OPERATOR_OR"):
        decide = all if name == "OPERATOR_AND" else any
        return decide(satisfies(part, each, owner) for part in given.filters)
    if name == "OPERATOR_NOT":
        return not satisfies(given.filters[0], each, owner)
    field = given.target.property or (given.on[0] if given.on else "")
    values = _values_of(field, each, owner)
    kind = given.WhichOneof("test_value")
    wanted = _KINDS["text"] if field == "_id" else _KINDS[owner.types[field]]
    if kind is None or not kind.startswith(wanted):
        raise Refused(f"data type filter cannot use {kind!r} on '{field}', which wants {wanted!r}")
    asked = getattr(given, kind)
    if name in _ORDER and kind in _VALUES:
        return any(_ORDER[name](value, asked) for value in values)
    if kind in _LISTS:
        choices = set(asked.values)
        if name == "OPERATOR_CONTAINS_ANY":
            return not choices.isdisjoint(values)
        if name == "OPERATOR_CONTAINS_ALL":
            return choices <= set(values)
        if name == "OPERATOR_CONTAINS_NONE":
            return choices.isdisjoint(values)
    raise Refused(f"operator {name} with {kind} is not served")


def _values_of(field: str, each: StoredObject, owner: StoredClass) -> list[Any]:
    if field == "_id":
        return [each.uuid]
    if field not in owner.types:
        raise Refused(f"no such prop with name '{field}' found in class '{owner.name}'")
    value = each.properties.get(field)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
