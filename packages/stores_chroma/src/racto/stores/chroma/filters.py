"""racto's metadata filters in Chroma's language, as a sieve that never loses a match.

Chroma has no negation and no order of strings. So a tree becomes two bounds: ``upper`` lets through
at least what matches, ``lower`` at most that; under a negation they change places, and a negation is
carried down to the conditions, each of which has an opposite. The store asks Chroma for the upper one
and lets :func:`racto.core.filters.matches` decide on what comes back.

Keys and values only ever stand inside tokens, as values of Chroma's own conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from racto.core.filters import And, Comparison, Filter, Not

from .tokens import ALWAYS, COUNTS, UNTOLD, column, is_exact, token, value_token

Where: TypeAlias = "dict[str, Any] | bool"
"""One of Chroma's conditions; True and False decide by themselves."""

_OPPOSITE = {
    "$contains": "$not_contains", "$not_contains": "$contains", "$gt": "$lte", "$lte": "$gt",
    "$gte": "$lt", "$lt": "$gte", "$eq": "$ne", "$ne": "$eq",
}  # fmt: skip


class Bounds(NamedTuple):
    """What surely holds and what may hold.

    Attributes:
        lower: Lets through nothing that does not match.
        upper: Lets through everything that matches.
    """

    lower: Where
    upper: Where


def sieve(tree: Filter | None) -> Where:
    """The condition that lets through at least what satisfies the tree."""
    return True if tree is None else bounds(tree).upper


def bounds(tree: Filter) -> Bounds:
    """Both bounds of a tree."""
    if isinstance(tree, Comparison):
        return _compared(tree)
    # Recursion is safe: no parsed tree is deeper than racto.core.filters.MAX_DEPTH.
    if isinstance(tree, Not):
        inner = bounds(tree.part)
        return Bounds(_not(inner.upper), _not(inner.lower))
    parts = [bounds(part) for part in tree.parts]
    join = _and if isinstance(tree, And) else _or
    return Bounds(join([part.lower for part in parts]), join([part.upper for part in parts]))


def _compared(condition: Comparison) -> Bounds:
    field, op, value = condition.field, condition.op, condition.value
    present = True if field in ALWAYS else _has(token("k", field))
    if op == "exists":
        exact = present if value else _not(present)
        return Bounds(exact, exact)
    if field in UNTOLD:
        return Bounds(False, True)
    if op in ("eq", "in"):
        return _equal(field, value if op == "in" else (value,), present)
    # The order of strings and of dates is nothing that Chroma knows.
    if not isinstance(value, int | float):
        return Bounds(False, present)
    if not is_exact(value):
        return Bounds(False, present)
    said: Where = {column(field): {f"${op}": float(value)}}
    if field in COUNTS:
        return Bounds(said, said)
    lists = _has(token("l", field))
    said = _and([_has(token("n", field)), said])
    return Bounds(_and([said, _not(lists)]), _or([said, lists]))


def _equal(field: str, values: Sequence[Any], present: Where) -> Bounds:
    """Bounds of being equal to one of the values, or having it among one's items."""
    # A list is asked for as a whole, in its order; Chroma sees items.
    if any(isinstance(value, list | tuple) for value in values):
        return Bounds(False, present)
    parts: list[Where] = []
    for value in values:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if field in COUNTS and is_number and is_exact(value):
            parts.append({column(field): {"$eq": float(value)}})
        elif (found := value_token(field, value)) is not None:
            parts.append(_has(found))
    exact = _or(parts)
    return Bounds(exact, exact)


def _has(text: str) -> Where:
    return {"facts": {"$contains": text}}


def _not(part: Where) -> Where:
    if isinstance(part, bool):
        return not part
    ((key, inner),) = part.items()
    if key in ("$and", "$or"):
        return {"$or" if key == "$and" else "$and": [_not(each) for each in inner]}
    ((op, value),) = inner.items()
    return {key: {_OPPOSITE[op]: value}}


def _and(parts: Sequence[Where]) -> Where:
    if False in parts:
        return False
    left = [part for part in parts if part is not True]
    return True if not left else left[0] if len(left) == 1 else {"$and": left}


def _or(parts: Sequence[Where]) -> Where:
    if True in parts:
        return True
    left = [part for part in parts if part is not False]
    return False if not left else left[0] if len(left) == 1 else {"$or": left}
