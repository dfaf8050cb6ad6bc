"""Racto's filters in Pinecone's language: never narrower than they are.

What comes back may be a little too much (Pinecone has no None, no dates, and no certain meaning
for the absence of a key), and the store decides each candidate by
:func:`racto.core.filters.matches`. It is never too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.filters import And, Comparison, Filter, Not

from .fields import ANY, EXACT, OTHERS, field_of, is_plain

_MOST_CHOICES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFilter:
    """A filter for Pinecone.

    Attributes:
        condition: The filter; None lets everything through.
        is_loose: Whether far more may come through than was asked for.
    """

    condition: dict[str, Any] | None = None
    is_loose: bool = False


_ALL = EngineFilter(is_loose=True)


def translated(tree: Filter | None) -> EngineFilter:
    """The filter for Pinecone that lets through at least what ``tree`` does.

    Args:
        tree: A parsed filter; None lets everything through.
    """
    if tree is None:
        return EngineFilter()
    return _positive(tree)


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
    is_loose = any(part.is_loose for part in parts)
    conditions = [part.condition for part in parts if part.condition is not None]
    if len(conditions) > 1:
        return EngineFilter(condition={"$and": conditions}, is_loose=is_loose)
    return EngineFilter(condition=conditions[0] if conditions else None, is_loose=is_loose)


def _any_of(parts: Sequence[EngineFilter]) -> EngineFilter:
    if any(part.condition is None for part in parts):
        return _ALL
    conditions = [part.condition for part in parts]
    is_loose = any(part.is_loose for part in parts)
    return EngineFilter(condition={"$or": conditions}, is_loose=is_loose)


def _compared(asked: Comparison) -> EngineFilter:
    field = field_of(asked.field)
    unheld = {OTHERS: {"$in": [asked.field, ANY]}}
    if asked.op == "exists" and not asked.value:
        # A value that Pinecone does not hold seems absent, so this lets it through as well.
        return EngineFilter(condition={field: {"$exists": False}})
    condition, is_loose = _held(field, asked)
    wanted = [condition, unheld] if condition else [unheld]
    return EngineFilter(condition={"$or": wanted} if condition else unheld, is_loose=is_loose)


def _held(field: str, asked: Comparison) -> tuple[dict[str, Any] | None, bool]:
    """The condition on values that Pinecone holds, and whether it is a loose one."""
    present = {field: {"$exists": True}}
    if asked.op == "exists":
        return present, False
    if asked.op == "eq":
        return _equal(field, asked.value)
    if asked.op == "in":
        return _among(field, asked.value)
    # Pinecone orders numbers alone, and those of more than 53 bits inexactly.
    if isinstance(asked.value, str):
        return present, True
    if isinstance(asked.value, int | float):
        if abs(asked.value) <= EXACT:
            return {field: {f"${asked.op}": asked.value}}, False
        return present, True
    return None, False


def _equal(field: str, value: Any) -> tuple[dict[str, Any] | None, bool]:
    if isinstance(value, list | tuple):
        # A list is held when all of it is text; then it has the first of the texts.
        if value and all(isinstance(item, str) for item in value):
            return _equal(field, value[0])
        return None, False
    return ({field: {"$eq": value}}, False) if _is_held(value) else (None, False)


def _among(field: str, choices: Sequence[Any]) -> tuple[dict[str, Any] | None, bool]:
    if len(choices) > _MOST_CHOICES:
        return {field: {"$exists": True}}, True
    held = [choice for choice in choices if _is_held(choice)]
    conditions: list[dict[str, Any]] = [
        {field: {"$eq": choice}} for choice in {c for c in held if isinstance(c, bool)}
    ]
    # Pinecone takes no booleans here, and no mixture is promised.
    for kind in ((str,), (int, float)):
        some = [c for c in held if isinstance(c, kind) and not isinstance(c, bool)]
        if some:
            conditions.append({field: {"$in": some}})
    if not conditions:
        return None, False
    return (conditions[0] if len(conditions) == 1 else {"$or": conditions}), False


def _is_held(value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return is_plain(value)
    # NaN is unequal to itself and beyond every bound.
    return isinstance(value, int | float) and abs(value) <= EXACT
