"""Values and keys as bytes and back: JSON and text, or whatever the user hands in."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from racto.core.errors import ConfigurationError

Serialiser: TypeAlias = Callable[[Any], bytes] | Callable[[Any, str], bytes]
"""Takes a value, or a value and the topic (as a schema registry needs it); returns bytes."""

Deserialiser: TypeAlias = Callable[[Any], Any] | Callable[[Any, str], Any]
"""Takes bytes, or bytes and the topic; returns the value."""


def json_bytes(value: Any, topic: str) -> bytes:
    """A value as JSON in UTF-8; bytes stay as they are, for they are serialised already.

    Models, dataclasses, dates, UUIDs and sets are written as pydantic writes them.
    """
    # Once a record, and most are dictionaries.
    if value.__class__ is not dict and isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return to_json(value)


def json_value(data: bytes, topic: str) -> Any:
    """The value of JSON; nesting is limited by the parser.

    Raises:
        ValueError: If it is no JSON.
    """
    return from_json(data)


def key_bytes(key: Any, topic: str) -> bytes:
    """A key as bytes: text in UTF-8, whole numbers in digits, anything else as JSON."""
    if isinstance(key, str):
        return key.encode()
    if isinstance(key, (bytes, bytearray, memoryview)):
        return bytes(key)
    return to_json(key)


def key_text(data: bytes, topic: str) -> str | bytes:
    """A key as text where it is UTF-8, else as it came."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def with_topic(function: Callable[..., Any], name: str) -> Callable[[Any, str], Any]:
    """Let a serialiser that wants the value only be called with the topic too.

    Args:
        function: Takes one required positional argument, or two.
        name: What an error calls it.

    Raises:
        ConfigurationError: If it can take neither one argument nor two.
    """
    if not callable(function):
        raise ConfigurationError(f"{name} is a {type(function).__name__}; give a function")
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        # Some of what C offers has no signature, and it takes one argument as a rule.
        return lambda value, topic: function(value)
    required = [p for p in parameters if p.default is p.empty and p.kind in _POSITIONAL]
    if len(required) > 2 or not any(p.kind in _ACCEPTING for p in parameters):
        raise ConfigurationError(f"{name} must take (value) or (value, topic)")
    if len(required) == 2:
        return function
    return lambda value, topic: function(value)


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_ACCEPTING = (*_POSITIONAL, inspect.Parameter.VAR_POSITIONAL)
