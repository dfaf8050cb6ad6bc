"""Racto's filters in Weaviate's language: never narrower than they are.

The store decides each candidate by :func:`racto.core.filters.matches`, so that what is loose here
(negations, and ranges of other values than :data:`~.tokens.NUMBERS`) costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.filters import And, Comparison, Filter, Not

from .tokens import ANY, NUMBERS, equality, is_exact, presence

TOKENS = "tokens"
"""The property with the tokens."""

_MOST_CHOICES = 1000
_ORDERS = {
    "gt": "greater_than",
    "gte": "greater_or_equal",
    "lt": "less_than",
    "lte": "less_or_equal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFilter:
    """A filter for Weaviate.

    Attributes:
        condition: The client's filter; None lets everything through.
        is_loose: Whether far more may come through than was asked for.
    """

    condition: Any = None
    is_loose: bool = False


_ALL = EngineFilter(is_loose=True)


def translated(tree: Filter | None) -> EngineFilter:
    """The filter for Weaviate that lets through at least what ``tree`` does.

    Args:
        tree: A parsed filter; None lets everything through.
    """
    return EngineFilter() if tree is None else _positive(tree)


def _positive(tree: Filter) -> EngineFilter:
    if isinstance(tree, Comparison):
        return _compared(tree)
    if isinstance(tree, Not):
        return _negative(tree.part)
    parts = [_positive(part) for part in tree.parts]
    return _all_of(parts) if isinstance(tree, And) else _any_of(parts)


def _negative(tree: Filter) -> EngineFilter:
    """What lets through at least the opposite of ``tree``."""
    if isinstance(tree, Not):
        return _positive(tree.part)
    if isinstance(tree, Comparison):
        if tree.op == "exists":
            return _compared(Comparison(field=tree.field, op="exists", value=not tree.value))
        return _ALL
    parts = [_negative(part) for part in tree.parts]
    return _any_of(parts) if isinstance(tree, And) else _all_of(parts)


def _all_of(parts: Sequence[EngineFilter]) -> EngineFilter:
    from weaviate.classes.query import Filter as Wanted

    is_loose = any(part.is_loose for part in parts)
    conditions = [part.condition for part in parts if part.condition is not None]
    if len(conditions) > 1:
        return EngineFilter(condition=Wanted.all_of(conditions), is_loose=is_loose)
    return EngineFilter(condition=conditions[0] if conditions else None, is_loose=is_loose)


def _any_of(parts: Sequence[EngineFilter]) -> EngineFilter:
    from weaviate.classes.query import Filter as Wanted

    if any(part.condition is None for part in parts):
        return _ALL
    is_loose = any(part.is_loose for part in parts)
    conditions = [part.condition for part in parts]
    one = conditions[0] if len(conditions) == 1 else Wanted.any_of(conditions)
    return EngineFilter(condition=one, is_loose=is_loose)


def _compared(asked: Comparison) -> EngineFilter:
    key = asked.field
    if asked.op == "exists":
        return _having([presence(key)]) if asked.value else _ALL
    if asked.op == "eq":
        return _having([equality(key, asked.value)])
    if asked.op == "in":
        if len(asked.value) > _MOST_CHOICES:
            return EngineFilter(condition=_having([presence(key)]).condition, is_loose=True)
        return _having([equality(key, choice) for choice in asked.value])
    is_number = isinstance(asked.value, int | float) and is_exact(asked.value)
    if key in NUMBERS and is_number:
        return _ordered(key, asked)
    return EngineFilter(condition=_having([presence(key)]).condition, is_loose=True)


def _having(tokens: Sequence[str | None]) -> EngineFilter:
    """Chunks with one of the tokens, or with too many to tell."""
    from weaviate.classes.query import Filter as Wanted

    wanted = [token for token in tokens if token is not None]
    return EngineFilter(condition=Wanted.by_property(TOKENS).contains_any([*wanted, ANY]))


def _ordered(key: str, asked: Comparison) -> EngineFilter:
    """A range of integers; a bound between two of them moves to the one inside."""
    from math import ceil, floor

    from weaviate.classes.query import Filter as Wanted

    upwards = asked.op in ("gt", "gte")
    bound = ceil(asked.value) if upwards else floor(asked.value)
    between = "gte" if upwards else "lte"
    name = asked.op if bound == asked.value else between
    condition = getattr(Wanted.by_property(key), _ORDERS[name])(bound)
    # A number that did not arrive exactly is not among them.
    inexact = Wanted.by_property(TOKENS).contains_any([ANY])
    return EngineFilter(condition=Wanted.any_of([condition, inexact]))
