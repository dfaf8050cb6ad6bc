"""From racto's filters to Milvus's expressions, which hold hashes, numbers and columns only.

Each part of a filter becomes two expressions: one that no match escapes, and one that lets only
matches through. Where they are the same, Milvus decides alone; where not, candidates are decided
by :func:`racto.core.filters.matches`. The negation of one is made from the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from racto.core.filters import And, Comparison, Filter, Not

from .tokens import NUMBERS, OVERFLOW, PLACES, column_of, equality, existence

Expression: TypeAlias = str | bool
"""An expression of Milvus; True and False for all and none."""

_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=="}
# Looking for more words takes longer than deciding candidates.
_MOST_WORDS = 256
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class Bounds(NamedTuple):
    """What Milvus can say of a filter.

    Attributes:
        upper: Lets every match through, and perhaps others.
        lower: Lets nothing but matches through, but for chunks with very many facts.
    """

    upper: Expression
    lower: Expression

    @property
    def tight(self) -> bool:
        """Whether hardly anything but matches gets through the upper one."""
        return self.upper == self.lower


def bounds_of(tree: Filter | None) -> Bounds:
    """The expressions of a parsed filter; None lets everything through."""
    if tree is None:
        return Bounds(True, True)
    if isinstance(tree, Comparison):
        return _compared(tree)
    if isinstance(tree, Not):
        inner = bounds_of(tree.part)
        return Bounds(_negated(inner.lower), _negated(inner.upper))
    parts = [bounds_of(part) for part in tree.parts]
    join = _all if isinstance(tree, And) else _any
    return Bounds(join(part.upper for part in parts), join(part.lower for part in parts))


def both(one: Expression, two: Expression) -> Expression:
    """What satisfies both expressions."""
    return _all([one, two])


def _compared(condition: Comparison) -> Bounds:
    field, op, value = condition.field, condition.op, condition.value
    # All numbers but the page are always there.
    always = field in PLACES or field == "chunk_index"
    column = column_of(field)
    there: Expression = always or _among(column, [existence(field)])
    if op == "exists":
        return _exactly(there if value else _negated(there))
    if field in PLACES:
        return Bounds(True, False)
    if field in NUMBERS:
        asked = value if op == "in" else (value,)
        if len(asked) > _MOST_WORDS:
            return Bounds(there, False)
        compared = [_number(field, "eq" if op == "in" else op, item) for item in asked]
        upper = _any(bounds.upper for bounds in compared)
        lower = _any(bounds.lower for bounds in compared)
        return Bounds(_all([there, upper]), _all([there, lower]))
    if op in ("eq", "in"):
        asked = value if op == "in" else (value,)
        wanted = [equality(field, item) for item in asked]
        if len(wanted) > _MOST_WORDS:
            return Bounds(there, False)
        return _exactly(_among(column, (word for word in wanted if word is not None)))
    return Bounds(there, False)


def _number(field: str, op: str, value: Any) -> Bounds:
    """A comparison with a column of integers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _exactly(False)
    if isinstance(value, float):
        if not math.isfinite(value):
            return Bounds(True, False)
        if not value.is_integer():
            if op == "eq":
                return _exactly(False)
            # Between two integers it does not matter whether the border itself counts.
            op = {"gt": "gte", "gte": "gte", "lt": "lte", "lte": "lte"}[op]
            value = math.ceil(value) if op == "gte" else math.floor(value)
    value = int(value)
    if not _LOWEST <= value <= _HIGHEST:
        return Bounds(True, False)
    return _exactly(f"{field} {_SIGNS[op]} {value}")


def _exactly(expression: Expression) -> Bounds:
    return Bounds(expression, expression)


def _among(column: str, words: Iterable[str]) -> Expression:
    return _any(f'{column} like "% {word} %"' for word in sorted(set(words)))


def _negated(expression: Expression) -> Expression:
    return not expression if isinstance(expression, bool) else f"not ({expression})"


def _all(parts: Iterable[Expression]) -> Expression:
    found = [part for part in parts if part is not True]
    if False in found:
        return False
    return _joined(found, " and ") if found else True


def _any(parts: Iterable[Expression]) -> Expression:
    found = [part for part in parts if part is not False]
    if True in found:
        return True
    return _joined(found, " or ") if found else False


def _joined(parts: Sequence[Expression], word: str) -> Expression:
    if len(parts) == 1:
        return parts[0]
    # Halved, so that the parser's tree of a long list is not deep.
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], word)}{word}{_joined(parts[middle:], word)})"


def with_overflow(expression: Expression) -> Expression:
    """An upper expression that also lets chunks through whose facts are too many to be asked for."""
    if isinstance(expression, bool) or "tokens like" not in expression:
        return expression
    return _any([expression, _among("tokens", [OVERFLOW])])
