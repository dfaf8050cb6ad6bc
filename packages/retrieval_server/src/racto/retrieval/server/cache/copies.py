"""Copies of JSON-like values, cheap enough for every hit, and estimates of their size."""

from __future__ import annotations

import sys
from typing import Any

_ATOMS = frozenset({str, int, float, bool, bytes, type(None)})
# What a dictionary or a list takes beside its contents, an entry each.
_ENTRY = 72


def copied(value: Any) -> Any:
    """Copy dictionaries and lists all the way down; everything else is shared.

    Args:
        value: Data of JSON kinds, and bytes.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        # Rankings are flat: one look at the kinds of all values spares a call for each.
        if _ATOMS.issuperset(map(type, value.values())):
            return value.copy()
        return {key: copied(entry) for key, entry in value.items()}
    if kind is list or kind is tuple:
        if _ATOMS.issuperset(map(type, value)):
            return list(value)
        return [copied(entry) for entry in value]
    return value


def weighed(value: Any) -> int:
    """Estimate how many bytes of memory a value takes."""
    if isinstance(value, dict):
        return _ENTRY + sum(_ENTRY + weighed(k) + weighed(v) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return _ENTRY + sum(8 + weighed(entry) for entry in value)
    return sys.getsizeof(value)
