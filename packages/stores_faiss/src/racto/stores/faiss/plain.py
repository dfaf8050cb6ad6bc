"""Metadata as JSON can hold it, and back: what JSON lacks is marked by a key that begins with $."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np

from racto.core.errors import StoreError


def plain(value: Any, source: str) -> Any:
    """A value as JSON can hold it.

    Args:
        value: Metadata.
        source: Where it came from, for the message.

    Raises:
        StoreError: If it holds anything but strings, numbers, booleans, None, dates, and lists,
            tuples and mappings of them.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, np.generic):
        return plain(value.item(), source)
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, list):
        return [plain(item, source) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [plain(item, source) for item in value]}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        # One more sign keeps the caller's own "$date" from being taken for a mark.
        return {
            f"${key}" if key.startswith("$") else key: plain(item, source)
            for key, item in value.items()
        }
    raise StoreError(
        f"metadata of {source!r} holds a {type(value).__name__}, which cannot be saved; use "
        f"strings, numbers, booleans, None, dates, and lists and mappings of them"
    )


def revived(value: Any) -> Any:
    """The opposite of :func:`plain`.

    Raises:
        ValueError: If a marked date is none.
    """
    if isinstance(value, list):
        return [revived(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "$tuple":
            return tuple(revived(item) for item in inner)
        if key == "$datetime":
            return datetime.fromisoformat(inner)
        if key == "$date":
            return date.fromisoformat(inner)
    return {key[1:] if key.startswith("$") else key: revived(item) for key, item in value.items()}
