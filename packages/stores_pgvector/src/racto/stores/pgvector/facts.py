"""Metadata as JSON in two forms: comparable, to be filtered by, and exact where that loses.

PostgreSQL's ``jsonb`` rounds nothing but forgets kinds: 1e300 comes back as an integer, -0.0 as 0,
and it knows neither dates nor infinity. What it would lose is kept as text beside it, and the
``jsonb`` is written so that its comparisons come out as those of :mod:`racto.core.filters` do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from racto.core.errors import StoreError

from .escapes import TAG, escaped, unescaped

KINDS = {"date": "d", "moment": "m", "instant": "t"}
"""The letter after the tag, by the kind of date that follows it."""

_NAN = f"{TAG}n"
_INFINITE = "1e4400"
_ZERO = datetime(1, 1, 1)
_MARK = "$racto"
_MICROSECOND = timedelta(microseconds=1)
# What JSON's encoder leaves in its text and PostgreSQL does not keep.
_UNSAFE = re.compile(r"\\u000[01]|[" + "\ud800-\udfff\ue000]")
_TEXT = frozenset({str})
_SIMPLE = frozenset({str, int, bool, type(None)})
_CONSTANTS = {None: "null", True: "true", False: "false"}


def plain(values: Mapping[str, Any]) -> str | None:
    """Metadata as text of ``jsonb``, which loses nothing of it; None where it would."""
    try:
        if not _is_plain(values):
            return None
        text = _encode(values)
    except (RecursionError, ValueError):
        return None
    if text.isascii() and "\\u000" not in text:
        return text
    return None if _UNSAFE.search(text) else text


def forms(flat: Mapping[str, Any], whole: Mapping[str, Any], what: str) -> tuple[str, str]:
    """Metadata as text of ``jsonb`` to be filtered by, and as text that is exact.

    Args:
        flat: What filters ask for, by its key.
        whole: All there is, to be given back by :func:`restored`.
        what: Whose metadata it is, for the error.

    Raises:
        StoreError: If ``whole`` holds what is no JSON, date or number; the message names the place.
    """
    try:
        exact = _encode(_marked(_checked(whole, "metadata")))
        return literal(flat), escaped(exact)
    except (TypeError, ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise StoreError(f"{what} cannot be kept: {reason}") from error


def restored(exact: str) -> Any:
    """The metadata from its exact form; tuples come back as lists."""
    return json.loads(unescaped(exact), object_hook=_unmarked)


def literal(value: Any) -> str:
    """A stored value, or a value of a filter, as text of ``jsonb``."""
    if isinstance(value, str):
        return _encode(escaped(value))
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        inner = (f"{literal(key)}:{literal(item)}" for key, item in value.items())
        return f"{{{','.join(inner)}}}"
    if isinstance(value, date):
        return _encode(f"{TAG}{KINDS[kind_of(value)]}{_when(value)}")
    return f"[{','.join(map(literal, value))}]"


def kind_of(value: Any) -> str:
    """Within what a value is ordered: number, string, date, moment or instant."""
    if isinstance(value, datetime):
        return "instant" if value.tzinfo else "moment"
    if isinstance(value, date):
        return "date"
    return "string" if isinstance(value, str) else "number"


def _number(value: float) -> str:
    if math.isnan(value):
        # A string that no filter can ask for: NaN equals nothing.
        return _encode(_NAN)
    if math.isinf(value):
        return _INFINITE if value > 0 else f"-{_INFINITE}"
    # Digits as they are in binary: 1e23 is not 10**23, and Python compares the two exactly.
    return str(int(value)) if value.is_integer() else float.__repr__(value)


def _when(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    # By arithmetic, because the year 1 has no UTC time in half of the world. Never negative.
    offset = timedelta(days=2) - (value.utcoffset() or timedelta())
    return f"{(value.replace(tzinfo=None) - _ZERO + offset) // _MICROSECOND:020d}"


def _is_plain(value: Any) -> bool:
    """Whether ``jsonb`` gives a value back as it is, unusual letters aside."""
    kind = type(value)
    if kind in _SIMPLE:
        return True
    if kind is float:
        return math.isfinite(value) and not value.is_integer()
    if kind is list or kind is tuple:
        return _SIMPLE.issuperset(map(type, value)) or all(map(_is_plain, value))
    if kind is not dict or not _TEXT.issuperset(map(type, value)):
        return False
    items = value.values()
    return _SIMPLE.issuperset(map(type, items)) or all(map(_is_plain, items))


def _checked(value: Any, path: str) -> Any:
    if value is None or isinstance(value, str | int | float | date):
        return value
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{path} has the key {key!r}; keys must be strings")
            _checked(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            _checked(item, f"{path}[{at}]")
    else:
        raise TypeError(
            f"{path} is a {type(value).__name__}; use strings, numbers, booleans, None, dates, "
            f"and lists and mappings of them"
        )
    return value


def _marked(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else {_MARK: repr(float(value))}
    if isinstance(value, date):
        kind = "datetime" if isinstance(value, datetime) else "date"
        return {_MARK: f"{kind} {value.isoformat()}"}
    if isinstance(value, list | tuple):
        return list(map(_marked, value))
    if isinstance(value, Mapping):
        inner = {key: _marked(item) for key, item in value.items()}
        # A mapping that looks like a mark travels as pairs, so that it is not read as one.
        return {_MARK: list(map(list, inner.items()))} if _MARK in inner else inner
    return value


def _unmarked(found: dict[str, Any]) -> Any:
    if found.keys() != {_MARK}:
        return found
    mark = found[_MARK]
    if not isinstance(mark, str):
        return dict(mark)
    kind, _, when = mark.partition(" ")
    if kind == "datetime":
        return datetime.fromisoformat(when)
    return date.fromisoformat(when) if kind == "date" else float(mark)


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
