"""Metadata filters over records: each condition is decided once a distinct value.

What a condition means is decided by :func:`racto.core.filters.matches` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import METADATA_FIELDS
from racto.core.filters import ABSENT, And, Comparison, Filter, Not, find, matches

from .records import POSITIONS, Facts, Records

_REPEATED = frozenset({str, int, float, bool})


def satisfying(tree: Filter, records: Records) -> NDArray[np.bool_]:
    """Which rows satisfy a filter, shape (rows,)."""
    if isinstance(tree, Comparison):
        return _decided(tree, records)
    if isinstance(tree, Not):
        return ~satisfying(tree.part, records)
    combine = np.logical_and if isinstance(tree, And) else np.logical_or
    return reduce(combine, [satisfying(part, records) for part in tree.parts])


def _decided(condition: Comparison, records: Records) -> NDArray[np.bool_]:
    # Positions differ from chunk to chunk; everything else is decided once for all that share it.
    field = condition.field
    if field in POSITIONS:
        values, places = np.unique(records.positions(field), return_inverse=True)
        return _verdicts(condition, values.tolist())[places]
    values_of_facts = (_value(facts, field) for facts in records.facts)
    return _verdicts(condition, values_of_facts)[records.facts_numbers()]


def _value(facts: Facts, field: str) -> Any:
    if field not in METADATA_FIELDS:
        return find(facts.metadata.extra, field)
    value = getattr(facts.metadata, field)
    return ABSENT if value is None else value


def _verdicts(condition: Comparison, values: Iterable[Any]) -> NDArray[np.bool_]:
    known: dict[tuple[type, Any], bool] = {}

    def verdict(value: Any) -> bool:
        # With its type, because 1, 1.0 and True are one key of a dictionary.
        key = (type(value), value)
        if key[0] not in _REPEATED:
            return matches(condition, lambda _field: value)
        if key not in known:
            known[key] = matches(condition, lambda _field: value)
        return known[key]

    return np.fromiter(map(verdict, values), dtype=bool)
