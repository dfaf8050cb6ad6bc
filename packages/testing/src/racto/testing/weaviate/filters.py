"""Filters as they travel over gRPC, and whether an object satisfies one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

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


Judge: TypeAlias = Callable[[StoredObject], bool]
"""Whether an object satisfies a filter."""


def chosen(
    given: Any, objects: Mapping[str, StoredObject], owner: StoredClass
) -> list[StoredObject]:
    """The objects that satisfy a filter.

    Args:
        given: The filter, a message of Weaviate's.
        objects: All objects, by their ids.
        owner: Their class.

    Raises:
        Refused: If the service would not take the filter.
    """
    judge = compiled(given, owner)
    name = given.Operator.Name(given.operator)
    # Ids have an index in the service too: without one, a thousand deletions read all a thousand
    # times.
    if given.target.property == "_id" and name == "OPERATOR_CONTAINS_ANY":
        ids = dict.fromkeys(given.value_text_array.values)
        return [objects[each] for each in ids if each in objects]
    return [each for each in objects.values() if judge(each)]


def satisfies(given: Any, each: StoredObject, owner: StoredClass) -> bool:
    """Whether an object satisfies a filter.

    Args:
        given: The filter, a message of Weaviate's.
        each: The object.
        owner: Its class.

    Raises:
        Refused: If the service would not take the filter.
    """
    return compiled(given, owner)(each)


def compiled(given: Any, owner: StoredClass) -> Judge:
    """A filter as a function, which reads the message once and not for each object.

    Args:
        given: The filter, a message of Weaviate's.
        owner: The class of the objects.

    Raises:
        Refused: If the service would not take the filter.
    """
    name = given.Operator.Name(given.operator)
    if name in ("OPERATOR_AND", "OPERATOR_OR"):
        decide = all if name == "OPERATOR_AND" else any
        parts = [compiled(part, owner) for part in given.filters]
        return lambda each: decide(part(each) for part in parts)
    if name == "OPERATOR_NOT":
        inner = compiled(given.filters[0], owner)
        return lambda each: not inner(each)
    return _compared(given, name, owner)


def _compared(given: Any, name: str, owner: StoredClass) -> Judge:
    field = given.target.property or (given.on[0] if given.on else "")
    if field != "_id" and field not in owner.types:
        raise Refused(f"no such prop with name '{field}' found in class '{owner.name}'")
    kind = given.WhichOneof("test_value")
    wanted = _KINDS["text"] if field == "_id" else _KINDS[owner.types[field]]
    if kind is None or not kind.startswith(wanted):
        raise Refused(f"data type filter cannot use {kind!r} on '{field}', which wants {wanted!r}")
    asked = getattr(given, kind)
    if name in _ORDER and kind in _VALUES:
        order = _ORDER[name]
        return lambda each: any(order(value, asked) for value in _values_of(field, each))
    if kind in _LISTS:
        choices = set(asked.values)
        if name == "OPERATOR_CONTAINS_ANY":
            return lambda each: not choices.isdisjoint(_values_of(field, each))
        if name == "OPERATOR_CONTAINS_ALL":
            return lambda each: choices <= set(_values_of(field, each))
        if name == "OPERATOR_CONTAINS_NONE":
            return lambda each: choices.isdisjoint(_values_of(field, each))
    raise Refused(f"operator {name} with {kind} is not served")


def _values_of(field: str, each: StoredObject) -> list[Any]:
    if field == "_id":
        return [each.uuid]
    value = each.properties.get(field)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
