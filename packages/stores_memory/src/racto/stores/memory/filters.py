"""Metadata filters over columns: each condition is decided once a distinct value, not once a row.

What a condition means is decided by :func:`racto.core.filters.matches` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import METADATA_FIELDS
from racto.core.filters import ABSENT, And, Comparison, Filter, Not, find, matches

from .records import NUMBERS, Origin, Records

_SCALARS = (str, int, float, bool)


def satisfying(tree: Filter, records: Records, rows: int) -> NDArray[np.bool_]:
    """Which of the first ``rows`` rows satisfy a filter, shape (rows,)."""
    if isinstance(tree, Comparison):
        return _compared(tree, records, rows)
    if isinstance(tree, Not):
        return ~satisfying(tree.part, records, rows)
    parts = (satisfying(part, records, rows) for part in tree.parts)
    if isinstance(tree, And):
        return reduce(np.logical_and, parts, np.ones(rows, dtype=bool))
    return reduce(np.logical_or, parts, np.zeros(rows, dtype=bool))


def _compared(condition: Comparison, records: Records, rows: int) -> NDArray[np.bool_]:
    if condition.field in NUMBERS:
        distinct, places = np.unique(records.numbers(condition.field, rows), return_inverse=True)
        return _verdicts(condition, distinct.tolist())[places]
    value_of = _value_of(condition.field)
    numbers = records.origin_numbers(rows)
    # A copy, because a writer may append origins meanwhile; these rows do not have them.
    return _verdicts(condition, map(value_of, records.origins[:]))[numbers]


def _value_of(field: str) -> Callable[[Origin], Any]:
    if field not in METADATA_FIELDS:
        return lambda origin: find(origin.extra, field)

    def value(origin: Origin) -> Any:
        found = getattr(origin, field)
        return ABSENT if found is None else found

    return value


def _verdicts(condition: Comparison, values: Iterable[Any]) -> NDArray[np.bool_]:
    known: dict[tuple[type, Any], bool] = {}

    def verdict(value: Any) -> bool:
        kind = type(value)
        if kind not in _SCALARS:
            return matches(condition, lambda _field: value)
        # The type is a part of the key, because 1, 1.0 and True are equal as keys.
        found = known.get((kind, value))
        if found is None:
            found = known[kind, value] = matches(condition, lambda _field: value)
        return found

    return np.fromiter(map(verdict, values), dtype=bool)
