"""Metadata as Pinecone keeps it: strings, numbers, booleans and lists of strings, in 40 KB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.testing.payloads import encoded

from .failures import refusal

MOST_BYTES = 40 * 1024
"""The most bytes of one vector's metadata."""


def kept(given: Mapping[str, Any] | None, vector_id: str) -> dict[str, Any] | None:
    """The metadata of a vector as reads give it back: numbers are doubles, nulls are dropped.

    Args:
        given: What came with the vector.
        vector_id: Its id, for the words of a refusal.

    Raises:
        Refusal: If it is too large, a key begins with ``$``, or a value has another kind.
    """
    if given is None:
        return None
    size = len(encoded(given))
    if size > MOST_BYTES:
        words = f"Metadata size is {size} bytes, which exceeds the limit of {MOST_BYTES} bytes"
        raise refusal(f"{words} per vector (vector '{vector_id}')")
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key.startswith("$"):
            raise refusal(f"Metadata keys cannot start with '$', got '{key}'")
        if value is not None:
            found[key] = _value(key, value)
    return found


def _value(key: str, value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    raise refusal(
        "Metadata value must be a string, number, boolean or list of strings, "
        f"got '{value!r:.60}' for field '{key}'"
    )
