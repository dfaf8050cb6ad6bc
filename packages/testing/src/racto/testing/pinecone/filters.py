"""Metadata filters of Pinecone: checked first, then a test of one vector's metadata."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .failures import refusal

Test: TypeAlias = Callable[[Mapping[str, Any]], bool]
"""Whether the metadata of a vector satisfies a filter."""

_MOST_VALUES = 10_000
_DEEPEST = 32
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def compiled(given: Mapping[str, Any], depth: int = 0) -> Test:
    """A filter as a test.

    Args:
        given: The filter.
        depth: How deep it stands in another one.

    Raises:
        Refusal: If an operator or the kind of a value is none that the service takes.
    """
    if depth > _DEEPEST:
        raise refusal("Filter is nested too deeply")
    tests = [_entry(key, value, depth) for key, value in given.items()]
    return lambda metadata: all(test(metadata) for test in tests)


def _entry(key: str, value: Any, depth: int) -> Test:
    if key in ("$and", "$or"):
        if not isinstance(value, list) or not value or not all(isinstance(p, dict) for p in value):
            raise refusal(f"{key} must be a non-empty list of filters")
        parts = [compiled(part, depth + 1) for part in value]
        decide = all if key == "$and" else any
        return lambda metadata: decide(part(metadata) for part in parts)
    if key.startswith("$"):
        raise refusal(f"{key} is not a valid operator")
    conditions = value if isinstance(value, dict) else {"$eq": value}
    if not conditions:
        raise refusal(f"the filter of field '{key}' is empty")
    tests = [_condition(key, name, operand) for name, operand in conditions.items()]
    return lambda metadata: all(test(metadata) for test in tests)


def _condition(key: str, name: str, operand: Any) -> Test:
    if name in _ORDER:
        if isinstance(operand, bool) or not isinstance(operand, int | float):
            raise refusal(f"{name} takes a number, got {operand!r:.60} for field '{key}'")
        compare, bound = _ORDER[name], float(operand)
        return lambda metadata: _is_number(metadata.get(key)) and compare(metadata[key], bound)
    if name in ("$eq", "$ne"):
        _check_scalar(operand, key, name)
        return _among(key, [operand], negated=name == "$ne")
    if name in ("$in", "$nin"):
        if not isinstance(operand, list) or len(operand) > _MOST_VALUES:
            raise refusal(f"{name} takes a list of at most {_MOST_VALUES} values (field '{key}')")
        for item in operand:
            if isinstance(item, bool):
                raise refusal(f"{name} takes strings or numbers, got {item!r} for field '{key}'")
            _check_scalar(item, key, name)
        return _among(key, operand, negated=name == "$nin")
    if name == "$exists":
        if not isinstance(operand, bool):
            raise refusal(f"$exists takes a boolean, got {operand!r:.60} for field '{key}'")
        return lambda metadata: (key in metadata) is operand
    raise refusal(f"{name} is not a valid operator")


def _among(key: str, choices: list[Any], *, negated: bool) -> Test:
    # Kinds are kept apart, because 1 and True are equal in Python alone.
    wanted = {(_kind(choice), choice) for choice in choices}

    def test(metadata: Mapping[str, Any]) -> bool:
        if key not in metadata:
            return negated
        value = metadata[key]
        values = value if isinstance(value, list) else [value]
        return any((_kind(item), item) in wanted for item in values) is not negated

    return test


def _check_scalar(value: Any, key: str, name: str) -> None:
    if not isinstance(value, str | int | float):
        raise refusal(f"{name} takes a string, number or boolean, got {value!r:.60} for '{key}'")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    return "number" if _is_number(value) else type(value).__name__
