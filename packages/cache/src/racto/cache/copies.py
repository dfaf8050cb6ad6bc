"""Copies of plain data that share what cannot be changed, and what such data weighs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from racto.core.errors import InvalidResponseError

DEEPEST = 100
"""Levels of containers in containers that a copy follows."""

_FIXED = frozenset(
    {type(None), bool, int, float, str, bytes, date, datetime, time, timedelta, Decimal, UUID}
)

_EMPTY: tuple[Any, ...] = ()


def own(value: Any, depth: int = 0) -> Any:
    """A copy that its owner may change; the very same object when nothing of it can be changed.

    Args:
        value: JSON data, bytes, sets, dates, enums, and pydantic models of these.
        depth: Containers around it.

    Raises:
        InvalidResponseError: If it holds an object of another kind, or nests deeper than
            :data:`DEEPEST`.
    """
    kind = type(value)
    if kind in _FIXED:
        return value
    if depth > DEEPEST:
        raise InvalidResponseError(f"a reply nested deeper than {DEEPEST} levels is not kept")
    copy = _COPIERS.get(kind)
    if copy is not None:
        return copy(value, depth + 1)
    if isinstance(value, BaseModel):
        return _model(value, depth + 1)
    if isinstance(value, Enum):
        return value
    raise InvalidResponseError(f"a reply that holds an object of {kind.__qualname__} is not kept")


def weight(value: Any) -> int:
    """Bytes of memory that a value takes, as far as can be told; shared parts count each time."""
    size = sys.getsizeof(value)
    if isinstance(value, BaseModel):
        return size + weight(value.__dict__)
    if isinstance(value, dict):
        return size + sum(weight(each) for each in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return size + sum(map(weight, value))
    return size


def _list(value: list[Any], depth: int) -> list[Any]:
    return [own(each, depth) for each in value]


def _table(value: dict[Any, Any], depth: int) -> dict[Any, Any]:
    return {key: own(each, depth) for key, each in value.items()}


def _tuple(value: tuple[Any, ...], depth: int) -> tuple[Any, ...]:
    copies = tuple([own(each, depth) for each in value])
    return value if all(map(_is, copies, value)) else copies


def _set(value: set[Any], _: int) -> set[Any]:
    return set(value)


def _frozen(value: frozenset[Any], _: int) -> frozenset[Any]:
    return value


def _model(value: BaseModel, depth: int) -> BaseModel:
    if value.__pydantic_extra__ or value.__pydantic_private__:
        return _open_model(value, depth)
    fields = value.__dict__
    is_frozen = value.model_config.get("frozen", False)
    # Most are text and nothing else.
    if is_frozen and all(type(each) in _FIXED or each is _EMPTY for each in fields.values()):
        return value
    copies = {name: own(each, depth) for name, each in fields.items()}
    if is_frozen and all(map(_is, copies.values(), fields.values())):
        return value
    return value.model_copy(update=copies)


def _open_model(value: BaseModel, depth: int) -> BaseModel:
    """A copy of a model that holds more than its fields."""
    twin = value.model_copy()
    for name in ("__dict__", "__pydantic_extra__", "__pydantic_private__"):
        held = getattr(value, name)
        if held is not None:
            object.__setattr__(twin, name, _table(held, depth))
    return twin


def _is(one: Any, two: Any) -> bool:
    return one is two


_COPIERS: dict[type, Callable[[Any, int], Any]] = {
    list: _list,
    dict: _table,
    tuple: _tuple,
    set: _set,
    frozenset: _frozen,
}
