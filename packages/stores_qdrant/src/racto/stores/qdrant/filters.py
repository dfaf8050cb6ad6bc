"""racto's metadata filters in Qdrant's language, as a sieve that never loses a match.

Qdrant cannot say all that a filter may ask (order of strings, lists as a whole, integers beyond
2**53). So a tree becomes two bounds: ``upper`` lets through at least what matches, ``lower`` at most
that. Under a negation they change places. The store asks Qdrant for the upper one and lets
:func:`racto.core.filters.matches` decide on what comes back.

Keys and values only ever stand as JSON values; a key that could be read as a path is not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from racto.core.filters import And, Comparison, Filter, Not

from .facts import ALWAYS, LARGEST, ODD, is_text, path_to, place_of

Condition: TypeAlias = "dict[str, Any] | bool"
"""One of Qdrant's conditions in its REST form; True and False decide by themselves."""


_EPOCH_YEAR = 1970


class Bounds(NamedTuple):
    """What surely holds and what may hold.

    Attributes:
        lower: Lets through nothing that does not match.
        upper: Lets through everything that matches.
    """

    lower: Condition
    upper: Condition


def sieve(tree: Filter | None) -> dict[str, Any] | None:
    """Qdrant's filter that lets through at least what satisfies the tree; None for everything."""
    if tree is None:
        return None
    upper = bounds(tree).upper
    if upper is True:
        return None
    if upper is False:
        # No id is in an empty list: the one condition that nothing satisfies.
        return {"must": [{"has_id": []}]}
    return upper if upper.keys() & {"must", "should", "must_not"} else {"must": [upper]}


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
    # Such a key cannot even be named in a request.
    if not is_text(field):
        return Bounds(False, True)
    present = True if field in ALWAYS else _in("keys", [field])
    if op == "exists":
        exact = present if value else _not(present)
        return Bounds(exact, exact)
    path = path_to("facts", field)
    if path is None:
        return Bounds(False, present)
    if op in ("eq", "in"):
        wanted = value if op == "in" else (value,)
        # A list is asked for as a whole, in its order; Qdrant sees items.
        if any(isinstance(each, list | tuple) for each in wanted):
            return Bounds(False, present)
        texts, said = _equal(field, wanted)
    else:
        # The order of strings is nothing that Qdrant knows.
        if isinstance(value, str):
            return Bounds(False, present)
        texts, said = [], [_ordered(field, op, value)]
    upper = _or([_in(path, [*texts, ODD]), *said])
    known = [_in(path, texts), *said] if texts else said
    return Bounds(_and([_or(known), _not(_in(path, [ODD]))]), upper)


def _equal(field: str, values: Sequence[Any]) -> tuple[list[str], list[Condition]]:
    """Strings to be looked for among the facts, and conditions of which one must hold."""
    texts: list[str] = []
    parts: list[Condition] = []
    for value in values:
        if value is None:
            parts.append(_in("nulls", [field]))
            continue
        place = place_of(value)
        # A value that Qdrant cannot compare is equal only to stored ones that are marked odd.
        if place is None:
            continue
        if isinstance(place[1], str):
            texts.append(place[1])
        elif place[0] == "flags":
            parts.append({"key": path_to("flags", field), "match": {"value": place[1]}})
        else:
            exactly = {"gte": place[1], "lte": place[1]}
            parts.append({"key": path_to(place[0], field), "range": exactly})
    return texts, parts


def _ordered(field: str, op: str, value: Any) -> Condition:
    place = place_of(value)
    if place is not None:
        return {"key": path_to(place[0], field), "range": {op: place[1]}}
    # Beyond what is compared exactly all ordinary values lie on one side; NaN has no sides.
    kind = "facts"
    if isinstance(value, datetime):
        kind = "dates.instant" if value.tzinfo else "dates.moment"
        is_above = value.year > _EPOCH_YEAR
    else:
        is_above = value > 0
    passes = value == value and is_above == op.startswith("lt")
    return {"key": path_to(kind, field), "range": {"gte": -LARGEST}} if passes else False


def _in(key: str, values: list[str]) -> Condition:
    match = {"value": values[0]} if len(values) == 1 else {"any": values}
    return {"key": key, "match": match}


def _not(part: Condition) -> Condition:
    return (not part) if isinstance(part, bool) else {"must_not": [part]}


def _and(parts: Sequence[Condition]) -> Condition:
    if False in parts:
        return False
    left = [part for part in parts if part is not True]
    return True if not left else left[0] if len(left) == 1 else {"must": left}


def _or(parts: Sequence[Condition]) -> Condition:
    if True in parts:
        return True
    left = [part for part in parts if part is not False]
    return False if not left else left[0] if len(left) == 1 else {"should": left}
