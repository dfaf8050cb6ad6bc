"""Metadata filters: their grammar, their tree for stores to translate, and their meaning.

A filter is a mapping. ``{"lang": "en", "page": {"$gte": 3}}`` asks for both conditions; the
operators are ``$eq $ne $gt $gte $lt $lte $in $nin $exists $and $or $not``. A key names a field
of :class:`~racto.core.ChunkMetadata`, else an entry of its ``extra``, else a dotted path into it.

Meaning, the same for every store:

- a key that is absent satisfies only ``$ne``, ``$nin`` and ``{"$exists": false}``; a stored None
  equals None and is not absent;
- numbers compare with numbers and strings with strings; booleans are not numbers; anything else
  is unequal and unordered; NaN equals nothing;
- a stored list satisfies an operator when any of its items does, or when it equals a list given;
- ``$ne``, ``$nin`` and ``$not`` are the exact opposites of ``$eq``, ``$in`` and their content.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from reprlib import repr as brief
from typing import Any, TypeAlias

from .documents import METADATA_FIELDS, Chunk
from .errors import FilterError

MAX_DEPTH = 16
MAX_CONDITIONS = 1024
MAX_KEY = 256

ABSENT: Any = type("Absent", (), {"__repr__": lambda _self: "ABSENT", "__slots__": ()})()
"""Stands for a key that a chunk does not have."""

Lookup: TypeAlias = Callable[[str], Any]
"""Gives the value under a key, or :data:`ABSENT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One condition on one key.

    Attributes:
        field: The key.
        op: ``eq``, ``gt``, ``gte``, ``lt``, ``lte``, ``in`` or ``exists``; ``$ne`` and ``$nin``
            are a :class:`Not` around it.
        value: What the key's value is compared with.
    """

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of the parts; true when there are none."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one of the parts."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite of the part."""

    part: Filter


Filter: TypeAlias = Comparison | And | Or | Not
"""A parsed filter, for a store to translate into its engine's language."""

_ORDER = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
_SCALARS = (str, int, float, bool, date, type(None))


def parse_filter(given: Mapping[str, Any] | None) -> Filter | None:
    """Check a filter and return its tree; None when it lets everything through.

    Args:
        given: The filter as users write it.

    Raises:
        FilterError: If it is malformed, deeper than 16 levels, longer than 1,024 conditions, or
            has a key of more than 256 characters; the message names the path inside the filter.
    """
    if given is None or given == {}:
        return None
    return _Parser().mapping(given, "filter", 0)


def matches(tree: Filter | None, lookup: Lookup) -> bool:
    """Whether something with these values satisfies a filter: the reference evaluator.

    Args:
        tree: A parsed filter; None lets everything through.
        lookup: Gives the value under a key, or :data:`ABSENT`.
    """
    if tree is None:
        return True
    if isinstance(tree, Comparison):
        return _compare(tree, lookup(tree.field))
    # Recursion is safe: no parsed tree is deeper than MAX_DEPTH.
    if isinstance(tree, Not):
        return not matches(tree.part, lookup)
    decide = all if isinstance(tree, And) else any
    return decide(matches(part, lookup) for part in tree.parts)


def lookup_of(chunk: Chunk) -> Lookup:
    """The values of a chunk as filters see them."""
    metadata = chunk.metadata

    def lookup(key: str) -> Any:
        if key in METADATA_FIELDS:
            value = getattr(metadata, key)
            # A field that a source does not have (page, section) is absent, not None.
            return ABSENT if value is None else value
        return find(metadata.extra, key)

    return lookup


def find(values: Mapping[str, Any], key: str) -> Any:
    """The value under a key or a dotted path, or :data:`ABSENT`."""
    if key in values:
        return values[key]
    head, dot, rest = key.partition(".")
    while dot:
        inner = values.get(head)
        if isinstance(inner, Mapping):
            found = find(inner, rest)
            if found is not ABSENT:
                return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return ABSENT


def fields_of(tree: Filter | None) -> frozenset[str]:
    """All keys that a filter asks about."""
    if tree is None:
        return frozenset()
    if isinstance(tree, Comparison):
        return frozenset({tree.field})
    parts: Iterable[Filter] = (tree.part,) if isinstance(tree, Not) else tree.parts
    return frozenset().union(*(fields_of(part) for part in parts))


class _Parser:
    """Turns a mapping into a tree while counting conditions and depth."""

    def __init__(self) -> None:
        self.conditions = 0

    def mapping(self, given: Any, path: str, depth: int) -> Filter:
        if not isinstance(given, Mapping):
            raise FilterError(f"{path}: expected a mapping, got {type(given).__name__}")
        if not given:
            raise FilterError(f"{path}: an empty filter inside a filter says nothing; remove it")
        if depth > MAX_DEPTH:
            raise FilterError(f"{path}: nested deeper than {MAX_DEPTH} levels")
        return _all([self.entry(key, value, path, depth) for key, value in given.items()])

    def entry(self, key: Any, value: Any, path: str, depth: int) -> Filter:
        if not isinstance(key, str) or not key:
            raise FilterError(f"{path}: keys are non-empty strings, got {brief(key)}")
        if len(key) > MAX_KEY:
            raise FilterError(f"{path}: a key has more than {MAX_KEY} characters: {brief(key)}")
        here = f"{path}.{key}"
        if key in ("$and", "$or"):
            if not isinstance(value, list | tuple) or not value:
                raise FilterError(f"{here}: expected a non-empty list of filters")
            parts = [self.mapping(v, f"{here}[{i}]", depth + 1) for i, v in enumerate(value)]
            return _all(parts) if key == "$and" else Or(parts=tuple(parts))
        if key == "$not":
            return Not(part=self.mapping(value, here, depth + 1))
        if key.startswith("$"):
            raise FilterError(f"{here}: unknown operator; at this place only $and, $or, $not")
        return self.conditions_on(key, value, here, depth)

    def conditions_on(self, key: str, value: Any, path: str, depth: int) -> Filter:
        if not isinstance(value, Mapping):
            return self.condition(key, "$eq", value, path)
        if not value:
            raise FilterError(f"{path}: expected a value or operators, got an empty mapping")
        parts: list[Filter] = []
        for name, operand in value.items():
            if name == "$not":
                if depth >= MAX_DEPTH:
                    raise FilterError(f"{path}: nested deeper than {MAX_DEPTH} levels")
                inner = self.conditions_on(key, operand, f"{path}.$not", depth + 1)
                parts.append(Not(part=inner))
            else:
                parts.append(self.condition(key, name, operand, f"{path}.{name}"))
        return _all(parts)

    def condition(self, key: str, name: Any, value: Any, path: str) -> Filter:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise FilterError(f"{path}: more than {MAX_CONDITIONS} conditions")
        if name in ("$eq", "$ne"):
            _check_value(value, path, lists=True)
            equal = Comparison(field=key, op="eq", value=value)
            return equal if name == "$eq" else Not(part=equal)
        if name in ("$in", "$nin"):
            if not isinstance(value, list | tuple | set | frozenset):
                raise FilterError(f"{path}: expected a list of values, got {brief(value)}")
            for item in value:
                _check_value(item, path, lists=False)
            among = Comparison(field=key, op="in", value=tuple(value))
            return among if name == "$in" else Not(part=among)
        if name in ("$gt", "$gte", "$lt", "$lte"):
            if isinstance(value, bool) or not isinstance(value, int | float | str | date):
                raise FilterError(f"{path}: expected a number, string or date, got {brief(value)}")
            return Comparison(field=key, op=name[1:], value=value)
        if name == "$exists":
            if not isinstance(value, bool):
                raise FilterError(f"{path}: expected true or false, got {brief(value)}")
            return Comparison(field=key, op="exists", value=value)
        raise FilterError(
            f"{path}: unknown operator; known are $eq $ne $gt $gte $lt $lte $in $nin $exists $not"
        )


def _all(parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else And(parts=tuple(parts))


def _check_value(value: Any, path: str, *, lists: bool) -> None:
    if isinstance(value, _SCALARS):
        return
    if lists and isinstance(value, list | tuple):
        for item in value:
            _check_value(item, path, lists=False)
        return
    raise FilterError(
        f"{path}: a {type(value).__name__} cannot be compared; use strings, numbers, booleans, "
        f"dates or None" + (", or a list of them" if lists else "")
    )


def _compare(condition: Comparison, value: Any) -> bool:
    if condition.op == "exists":
        return (value is not ABSENT) is bool(condition.value)
    if value is ABSENT:
        return False
    # The value itself comes first: a list may be asked for as a whole.
    test = _TESTS[condition.op]
    if test(value, condition.value):
        return True
    if isinstance(value, list | tuple):
        return any(test(item, condition.value) for item in value)
    return False


def _equal(one: Any, two: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(map(_equal, one, two))
    return _kind(one) == _kind(two) and bool(one == two)


def _among(value: Any, choices: tuple[Any, ...]) -> bool:
    return any(_equal(value, choice) for choice in choices)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(one: Any, two: Any) -> bool:
        kind = _kind(one)
        return (
            kind == _kind(two)
            and kind in ("number", "string", "date", "instant", "moment")
            and bool(compare(one, two))
        )

    return test


def _kind(value: Any) -> str:
    """The family within which two values can be compared."""
    # Booleans before numbers: in Python they are integers, in no store they are.
    if value is None or isinstance(value, bool):
        return type(value).__name__
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    # Times with and without a zone cannot be ordered, and comparing them would raise.
    if isinstance(value, datetime):
        return "instant" if value.tzinfo else "moment"
    return "date" if isinstance(value, date) else type(value).__name__


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": _equal,
    "in": _among,
    **{name: _ordered(compare) for name, compare in _ORDER.items()},
}
