"""Reads single values of JSON as Google's servers do, and finds fault in their words.

Numbers may come as text and enums by number or in small letters; null is as good as nothing. All
faults of a payload are told at once.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

PACKAGE = "type.googleapis.com/google.ai.generativelanguage.v1beta."

# What a Duration can hold is 315,576,000,000 seconds: twelve digits.
_DURATION = re.compile(r"-?\d{1,12}(\.\d{1,9})?s")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_DIGITS = re.compile(r"-?\d{1,19}")
# JSON has no such numbers; proto-JSON tells them as words.
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LIST = "Proto field is not repeating, cannot start list."
_OBJECT = "Proto field is not a message, cannot start object."


class Faults:
    """What is wrong with a payload.

    Args:
        vertex: Whether the payload goes to Vertex AI, which has fields of its own.

    Attributes:
        vertex: Whether the fields of Vertex AI are known.
        found: Path and description of each fault; the path is empty at the root.
    """

    def __init__(self, *, vertex: bool = False) -> None:
        self.vertex = vertex
        self.found: list[tuple[str, str]] = []

    def unknown(self, name: str, at: str, why: str = "Cannot find field.") -> None:
        """Report a name that a message does not have, or not in this way."""
        place = f" at '{at}'" if at else ""
        told = f'Invalid JSON payload received. Unknown name "{name}"{place}: {why}'
        self.found.append((at, told))

    def invalid(self, at: str, kind: str, told: str) -> None:
        """Report a value that is not of the field's type."""
        self.found.append((at, f"Invalid value at '{at}' ({kind}), {told}"))


class Kind(Protocol):
    """The type of a field."""

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The value in its normal form; anything beside a fault."""
        ...


class Scalar:
    """A value that is no message and no list.

    Args:
        name: Google's name for the type.
        convert: Gives the normal form of a value; raises ValueError for one that has none, with
            words for the fault or without.
    """

    def __init__(self, name: str, convert: Callable[[Any], Any]) -> None:
        self._name = name
        self._convert = convert

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The value in its normal form."""
        # Google takes these for another kind of field, and not for a wrong value.
        if isinstance(value, dict | list):
            place, _, name = at.rpartition(".")
            faults.unknown(name, place, _LIST if isinstance(value, list) else _OBJECT)
            return None
        try:
            return self._convert(value)
        except ValueError as error:
            faults.invalid(at, self._name, str(error) or json.dumps(value, ensure_ascii=False))
            return None


class Enumeration:
    """A value out of a few.

    Args:
        name: Google's name for the type.
        values: The values' names, the one with number 0 first.
    """

    def __init__(self, name: str, values: str) -> None:
        self._values = values.split()
        self._by_name = {value.upper(): value for value in self._values}
        self._scalar = Scalar(f"{PACKAGE}{name}", self._value)

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The value's name."""
        return self._scalar.read(value, at, faults)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str) and value.upper() in self._by_name:
            return self._by_name[value.upper()]
        # To Python, but not to Google, true is a number.
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and 0 <= value < len(self._values):
            return self._values[value]
        raise ValueError


class Struct:
    """An object of any content."""

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The object as it is."""
        if not isinstance(value, dict):
            kind = "type.googleapis.com/google.protobuf.Struct"
            faults.invalid(at, kind, json.dumps(value, ensure_ascii=False))
        return value


class Anything:
    """A value of any type."""

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The value as it is."""
        return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _flag(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise ValueError
    return value


def _float(value: Any) -> float:
    if isinstance(value, str):
        if value in _WORDS:
            return _WORDS[value]
        if _NUMBER.fullmatch(value):
            return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    return float(value)


def _whole(bits: int) -> Callable[[Any], int]:
    limit = 2 ** (bits - 1)

    def convert(value: Any) -> int:
        # An int64 has more digits than a float keeps.
        exact = isinstance(value, str) and _DIGITS.fullmatch(value)
        number = int(value) if exact else value
        if isinstance(number, bool) or not isinstance(number, int):
            number = _float(number)
        if number % 1 or not -limit <= number < limit:
            raise ValueError
        return int(number)

    return convert


def _bytes(value: Any) -> str:
    """Base64 in the standard alphabet; the URL-safe one and missing padding are allowed."""
    text = _text(value).replace("-", "+").replace("_", "/")
    bare = text.rstrip("=")
    if not _BASE64.fullmatch(text) or len(bare) % 4 == 1:
        raise ValueError(f'Base64 decoding failed for "{value}"')
    padded = bare + "=" * (-len(bare) % 4)
    # Bits beyond the last byte are dropped, as a decoder drops them.
    return base64.b64encode(base64.b64decode(padded)).decode()


def _duration(value: Any) -> str:
    if not _DURATION.fullmatch(_text(value)):
        raise ValueError("Illegal duration format; duration must end with 's'")
    return str(value)


def _timestamp(value: Any) -> str:
    told = _text(value)
    try:
        # Months and hours that do not exist have the right form all the same.
        if not _TIMESTAMP.fullmatch(told):
            raise ValueError
        datetime.fromisoformat(told).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"Invalid time format: Failed to parse input: {value}") from None
    return told


TEXT = Scalar("TYPE_STRING", _text)
FLAG = Scalar("TYPE_BOOL", _flag)
INT32 = Scalar("TYPE_INT32", _whole(32))
INT64 = Scalar("TYPE_INT64", _whole(64))
FLOAT = Scalar("TYPE_FLOAT", _float)
BYTES = Scalar("TYPE_BYTES", _bytes)
DURATION = Scalar("type.googleapis.com/google.protobuf.Duration", _duration)
TIMESTAMP = Scalar("type.googleapis.com/google.protobuf.Timestamp", _timestamp)
STRUCT = Struct()
ANYTHING = Anything()
