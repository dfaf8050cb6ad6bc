"""The one text that stands for a value in a key: equal values give the same, others never do.

Every piece carries its kind and its length or its end, so that no two values share a text. The
order of a dictionary's keys does not count, that of a list does; a list and a tuple are the same.
``True``, ``1`` and ``1.0`` are three values, ``-0.0`` is ``0.0``, and every NaN is the same NaN.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from racto.core.errors import ConfigurationError
from racto.core.messages import Message, MessageRole
from racto.core.schemas import schema_of
from racto.core.tools import ToolRegistry, ToolSchema

from .digests import LivingDigests, brief, digest_of

DEEPEST = 100
"""Levels of containers in containers that a key follows."""

# What they print tells them apart, on every machine.
_PRINTED = (date, datetime, time, timedelta, Decimal, UUID, PurePath, complex)


def encoded(value: Any, depth: int = 0) -> str:
    """The text of a value.

    Args:
        value: JSON data, bytes, sets, enums, dates and numbers of the standard library, pydantic
            models and their classes, dataclasses, and tool registries.
        depth: Containers around it.

    Raises:
        ConfigurationError: If it holds an object of another kind, or nests deeper than
            :data:`DEEPEST`.
    """
    encode = _ENCODERS.get(type(value)) or _encoder_of(value)
    if depth > DEEPEST:
        raise ConfigurationError(f"values nested deeper than {DEEPEST} levels have no key")
    return encode(value, depth)


def _flag(value: bool, _: int) -> str:
    return "t" if value else "f"


def _whole(value: int, _: int) -> str:
    # In hexadecimal, which Python prints in any length.
    return f"i{int(value):x};"


def _fraction(value: float, _: int) -> str:
    return f"d{value + 0.0!r};"


def _string(value: str, _: int) -> str:
    return brief(value)


def _binary(value: bytes, _: int) -> str:
    return f"b{hashlib.sha256(value).hexdigest()}"


def _sequence(value: Iterable[Any], depth: int) -> str:
    return f"[{''.join([encoded(each, depth + 1) for each in value])}]"


def _unordered(value: Iterable[Any], depth: int) -> str:
    return f"({''.join(sorted(encoded(each, depth + 1) for each in value))})"


def _table(value: Mapping[Any, Any], depth: int) -> str:
    pairs = [(encoded(key, depth + 1), encoded(each, depth + 1)) for key, each in value.items()]
    return f"{{{''.join([key + each for key, each in sorted(pairs)])}}}"


def _enumerated(value: Enum, depth: int) -> str:
    return encoded(value.value, depth + 1)


def _printed(value: Any, _: int) -> str:
    return f"o{brief(repr(value))}"


def _model(value: BaseModel, depth: int) -> str:
    # What is None is as good as absent, so that a field added later changes no key.
    told = {name: each for name, each in value.__dict__.items() if each is not None}
    return f"m{brief(type(value).__name__)}{_table(told | (value.model_extra or {}), depth)}"


def _message(value: Message, depth: int) -> str:
    text = value.content
    said = brief(text) if type(text) is str else _sequence(text, depth)
    name = "n" if value.name is None else brief(value.name)
    # Not through encoded: a history may be hundreds of these.
    return f"M{_ROLES.get(value.role) or brief(value.role)}{name}{said}"


_ROLES = {role: f"{role.value};" for role in MessageRole}


def _record(value: Any, depth: int) -> str:
    told = {field.name: getattr(value, field.name) for field in fields(value)}
    return f"r{brief(type(value).__name__)}{_table(told, depth)}"


def _schema(value: type[BaseModel], _: int) -> str:
    return f"c{_schemas.digest(value)}"


def _tools(value: ToolRegistry, _: int) -> str:
    return f"T[{','.join([_tool_schemas.digest(schema) for schema in value.schemas])}]"


def _tool(value: ToolSchema, _: int) -> str:
    return f"T{_tool_schemas.digest(value)}"


def _nothing(_value: None, _: int) -> str:
    return "n"


_ENCODERS: dict[type, Callable[[Any, int], str]] = {
    type(None): _nothing,
    bool: _flag,
    int: _whole,
    float: _fraction,
    str: _string,
    bytes: _binary,
    bytearray: _binary,
    tuple: _sequence,
    list: _sequence,
    dict: _table,
    Message: _message,
    ToolSchema: _tool,
}

# Order counts: an enum may be a string, a model's class is no model.
_KINDS: tuple[tuple[type | tuple[type, ...], Callable[[Any, int], str]], ...] = (
    (Enum, _enumerated),
    (BaseModel, _model),
    (ToolRegistry, _tools),
    (_PRINTED, _printed),
    (bool, _flag),
    (int, _whole),
    (float, lambda value, depth: _fraction(float(value), depth)),
    (str, lambda value, depth: _string(str.__str__(value), depth)),
    (bytes, _binary),
    ((list, tuple), _sequence),
    (Mapping, _table),
    (Set, _unordered),
)


def _encoder_of(value: Any) -> Callable[[Any, int], str]:
    if isinstance(value, type):
        if issubclass(value, BaseModel):
            return _schema
        raise ConfigurationError(f"the class {value.__qualname__} has no key that lasts")
    for kind, encode in _KINDS:
        if isinstance(value, kind):
            return encode
    if is_dataclass(value):
        return _record
    name = type(value).__qualname__
    raise ConfigurationError(f"an object of the class {name} has no key that lasts")


def _digest_of_model(model: type[BaseModel]) -> str:
    # In the order of the fields, because models read and fill them in that order.
    return digest_of(f"{brief(model.__name__)}{json.dumps(schema_of(model))}")


def _digest_of_tool(schema: ToolSchema) -> str:
    told = [schema.name, schema.description, schema.strict, schema.to_json_schema()]
    return digest_of(json.dumps([*told, schema.output_schema], default=encoded))


_schemas = LivingDigests(_digest_of_model)
_tool_schemas = LivingDigests(_digest_of_tool)
