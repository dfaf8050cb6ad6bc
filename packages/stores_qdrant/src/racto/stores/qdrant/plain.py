"""Metadata as JSON text that keeps every value's kind, and back.

What JSON lacks is marked by a key that begins with ``$``; a user's own key that begins so gets a
second one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from racto.core.errors import IndexCorruptError, StoreError

_encode = json.JSONEncoder(separators=(",", ":")).encode


def dumped(fields: Sequence[Any], extra: Mapping[str, Any], what: str) -> str:
    """Fields as one line of ASCII, so that lone surrogates survive every border.

    Args:
        fields: Strings, numbers and None.
        extra: Free facts, which become the last field.
        what: The chunk, for the message.

    Raises:
        StoreError: If metadata holds what cannot be expressed.
    """
    try:
        return _encode([*fields, _plain(extra)])
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"the metadata of {what} cannot be stored: {error}; use strings, numbers, booleans, "
            f"None, dates, and lists and mappings of them"
        ) from error


def loaded(text: str) -> list[Any]:
    """The opposite of :func:`dumped`.

    Raises:
        IndexCorruptError: If the text is none of its lines.
    """
    try:
        fields = [_lively(field) for field in json.loads(text)]
    except (TypeError, ValueError, RecursionError) as error:
        raise IndexCorruptError(f"a point's record is damaged: {error}") from error
    return fields


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [_plain(item) for item in value]}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {_escaped(key): _plain(item) for key, item in value.items()}
    # Numbers of numpy, which readers of tables leave in metadata.
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _plain(value.tolist())
    raise TypeError(f"it holds a {type(value).__name__}")


def _escaped(key: str) -> str:
    return f"${key}" if key.startswith("$") else key


def _lively(value: Any) -> Any:
    if isinstance(value, list):
        return [_lively(item) for item in value]
    if not isinstance(value, dict):
        return value
    for mark, revive in _MARKS.items():
        if mark in value:
            return revive(value[mark])
    return {key.removeprefix("$"): _lively(item) for key, item in value.items()}


_MARKS: dict[str, Any] = {
    "$tuple": lambda items: tuple(_lively(item) for item in items),
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
}
