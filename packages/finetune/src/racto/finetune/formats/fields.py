"""Fields of records as the formats want them, or an error that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError


def text_in(record: Mapping[str, Any], key: str, where: str = "") -> str:
    """The text of a field.

    Raises:
        ConfigurationError: If it is missing, or something else.
    """
    value = record.get(key)
    if type(value) is not str:
        raise wrong(value, key, where, "a text")
    return value


def list_in(record: Mapping[str, Any], key: str, where: str = "") -> list[Any]:
    """The list of a field.

    Raises:
        ConfigurationError: If it is missing, or something else.
    """
    value = record.get(key)
    if not isinstance(value, list):
        raise wrong(value, key, where, "a list")
    return value


def object_in(record: Mapping[str, Any], key: str, where: str = "") -> dict[str, Any]:
    """The object of a field.

    Raises:
        ConfigurationError: If it is missing, or something else.
    """
    value = record.get(key)
    if not isinstance(value, dict):
        raise wrong(value, key, where, "an object")
    return value


def optional_text(record: Mapping[str, Any], key: str, where: str = "") -> str | None:
    """A text, or None where it is missing or null.

    Raises:
        ConfigurationError: If it is something else.
    """
    return None if record.get(key) is None else text_in(record, key, where)


def as_object(value: Any, where: str) -> dict[str, Any]:
    """An object that stands in a list.

    Raises:
        ConfigurationError: If it is something else.
    """
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where}: expected an object, not {shown(value)}")
    return value


def rest_of(record: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """The fields of a record that are not among the known ones."""
    return {key: value for key, value in record.items() if key not in known}


def wrong(value: Any, key: str, where: str, wanted: str) -> ConfigurationError:
    """The error for a field that is missing or of another type."""
    place = f"{where}.{key}" if where else key
    return ConfigurationError(f"{place}: expected {wanted}, not {shown(value)}")


def shown(value: Any) -> str:
    """What a value is, without its content, which may be private."""
    # Training data is private more often than not.
    return "nothing" if value is None else type(value).__name__
