"""From a filter's tree to a condition in SQL that decides as the reference evaluator does.

Keys and values are bound, never written into the statement. What SQL cannot decide exactly is left
over, for the evaluator itself to decide before the nearest are chosen.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from racto.core.documents import METADATA_FIELDS
from racto.core.filters import And, Comparison, Filter, Not, Or

from .escapes import TAG, escaped
from .facts import KINDS, kind_of, literal

INDEXED = ("source", "doc_id")
"""The fields that have an index on their first :data:`PREFIX` characters."""

PREFIX = 200

_FALSE = "FALSE"
# A key of n dots can be read in 2**n ways.
_MOST_DOTS = 4
_ORDER = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition for a WHERE clause.

    Attributes:
        sql: Its text, with a ``%s`` for each parameter; NULL counts as false.
        params: What is bound.
        rest: What remains to be decided by :func:`racto.core.filters.matches`.
    """

    sql: str
    params: tuple[Any, ...] = ()
    rest: Filter | None = None


ALL = Condition(sql="TRUE")
"""Lets everything through."""


class _UndecidableError(Exception):
    """SQL cannot decide this part exactly."""


def condition(tree: Filter | None) -> Condition:
    """The condition that a filter is; of what SQL cannot say, ``rest`` is left over."""
    if tree is None:
        return ALL
    said: list[Condition] = []
    left: list[Filter] = []
    for part in tree.parts if isinstance(tree, And) else (tree,):
        try:
            said.append(_translated(part))
        # A number of more digits than Python writes is a ValueError.
        except (_UndecidableError, ValueError):
            left.append(part)
    sql = _joined(" AND ", said)
    rest = And(parts=tuple(left)) if left else None
    return Condition(sql=sql.sql, params=sql.params, rest=rest)


def _translated(tree: Filter) -> Condition:
    if isinstance(tree, Comparison):
        return _comparison(tree)
    if isinstance(tree, Not):
        inner = _translated(tree.part)
        # An absent key compares to NULL, whose opposite is NULL too; the filter's is true.
        return Condition(sql=f"(({inner.sql}) IS NOT TRUE)", params=inner.params)
    return _joined(
        " OR " if isinstance(tree, Or) else " AND ", [_translated(part) for part in tree.parts]
    )


def _joined(word: str, parts: list[Condition]) -> Condition:
    if not parts:
        return ALL
    sql = word.join(part.sql for part in parts)
    params = tuple(value for part in parts for value in part.params)
    return Condition(sql=f"({sql})" if len(parts) > 1 else sql, params=params)


def _comparison(tree: Comparison) -> Condition:
    place = _place(tree.field)
    if tree.op == "exists":
        return _over(place, "{} IS NOT NULL" if tree.value else "{} IS NULL")
    if tree.op == "in":
        choices = [literal(value) for value in tree.value if not _is_nan(value)]
        test = (
            "{} = ANY(%s::text[]::jsonb[])" if place.is_field else "{} @> ANY(%s::text[]::jsonb[])"
        )
        return _over(place, test, choices) if choices else Condition(sql=_FALSE)
    if tree.op in _ORDER:
        return _ordered(place, _ORDER[tree.op], tree.value)
    if isinstance(tree.value, list | tuple):
        return _equal_list(place, tree.value)
    return _equal(place, tree.field, tree.value)


def _equal(place: _Place, key: str, value: Any) -> Condition:
    if _is_nan(value):
        return Condition(sql=_FALSE)
    wanted = literal(value)
    if place.is_field:
        equal = _over(place, "{} = %s::jsonb", wanted)
        if key not in INDEXED or not isinstance(value, str):
            return equal
        start = f"left(metadata->>'{key}', {PREFIX}) = %s"
        params = (escaped(value)[:PREFIX], *equal.params)
        return Condition(sql=f"({start} AND {equal.sql})", params=params)
    if "." in key:
        # A list contains a scalar that is one of its items, and a scalar contains itself.
        return _over(place, "{} @> %s::jsonb", wanted)
    # In this form an index on all of ``metadata`` can answer, and nothing is cut out of a row.
    forms = tuple(f"{{{literal(key)}:{form}}}" for form in (wanted, f"[{wanted}]"))
    sql = "(metadata @> %s::jsonb OR has_lists AND metadata @> %s::jsonb)"
    return Condition(sql=sql, params=forms)


def _equal_list(place: _Place, value: list[Any] | tuple[Any, ...]) -> Condition:
    if any(map(_is_nan, value)):
        return Condition(sql=_FALSE)
    wanted = literal(value)
    whole = _over(place, "{} = %s::jsonb", wanted)
    items = _over(
        place,
        "EXISTS (SELECT FROM jsonb_array_elements({}) AS item(value) WHERE value = %s::jsonb)",
        wanted,
        only_lists=True,
    )
    return _joined(" OR ", [whole, items])


def _ordered(place: _Place, sign: str, value: Any) -> Condition:
    if _is_nan(value):
        return Condition(sql=_FALSE)
    kind = kind_of(value)
    letter = KINDS.get(kind)
    if kind == "number":
        bounds, test = {"x": value}, f'@.type() == "number" && @ {sign} $x'
        return _over(place, _satisfying(test), literal(bounds))
    # Dates are strings with a tag, and lie together: plain strings are those outside.
    within = "@ >= $low && @ < $high"
    within = within if letter else f"!({within})"
    low, high = (TAG + letter, TAG + chr(ord(letter) + 1)) if letter else ("\x01\x03", "\x02")
    ends = f'"low":{json.dumps(low)},"high":{json.dumps(high)}'
    test = f'@.type() == "string" && @ {sign} $x && {within}'
    return _over(place, _satisfying(test), f'{{"x":{literal(value)},{ends}}}')


def _satisfying(test: str) -> str:
    # Strict, because the lax mode would look into lists in lists, which the evaluator does not.
    return (
        f"jsonb_path_exists({{}}, CASE jsonb_typeof({{}}) WHEN 'array' "
        f"THEN 'strict $[*] ? ({test})'::jsonpath ELSE 'strict $ ? ({test})'::jsonpath END, "
        f"%s::jsonb)"
    )


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a key's value stands in ``metadata``; SQL's NULL there means that it is absent."""

    sql: str
    params: tuple[str, ...] = ()
    is_field: bool = False


def _place(key: str) -> _Place:
    if key in METADATA_FIELDS:
        return _Place(sql=f"(metadata->'{key}')", is_field=True)
    if key.count(".") > _MOST_DOTS:
        raise _UndecidableError
    ways = list(_ways(key))
    # Where a field stands there is no fact of the same name.
    if any(way[0] in METADATA_FIELDS for way in ways):
        raise _UndecidableError
    steps = [f"metadata{'->%s::text' * len(way)}" for way in ways]
    sql = f"({steps[0]})" if len(steps) == 1 else f"COALESCE({', '.join(steps)})"
    return _Place(sql=sql, params=tuple(escaped(name) for way in ways for name in way))


def _ways(key: str) -> Iterator[tuple[str, ...]]:
    """The paths that a dotted key may mean, in the order in which the evaluator tries them."""
    yield (key,)
    for at, letter in enumerate(key):
        if letter == ".":
            yield from ((key[:at], *rest) for rest in _ways(key[at + 1 :]))


def _over(place: _Place, test: str, *values: Any, only_lists: bool = False) -> Condition:
    sql, params = place.sql, place.params * test.count("{}")
    if only_lists:
        sql = f"CASE jsonb_typeof({sql}) WHEN 'array' THEN {sql} ELSE '[]' END"
        params = params * 2
    # By replacement: format() would read the braces of a jsonpath.
    return Condition(sql=test.replace("{}", sql), params=(*params, *values))
