"""Mistakes in an answer of a test's own, told where the answer is made and not when it is due."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def expect(owner: object, words: str, *kinds: type, **fields: Any) -> None:
    """Insist on the types of some fields.

    Args:
        owner: The answer that has the fields.
        words: What they take, for the message.
        *kinds: The types.
        **fields: The values by name.

    Raises:
        TypeError: If a value has none of the types.
    """
    for name, value in fields.items():
        if not isinstance(value, kinds):
            raise TypeError(f"{type(owner).__name__}.{name} takes {words}, not {value!r:.80}")


def expect_each(owner: object, words: str, kind: type, **fields: Any) -> None:
    """Insist on sequences of one type, which text is not.

    Args:
        owner: The answer that has the fields.
        words: What each element is, for the message.
        kind: Its type.
        **fields: The sequences by name.

    Raises:
        TypeError: If a value is no such sequence.
    """
    for name, value in fields.items():
        is_sequence = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        if not is_sequence or not all(isinstance(each, kind) for each in value):
            told = f"a sequence of {words}, not {value!r:.80}"
            raise TypeError(f"{type(owner).__name__}.{name} takes {told}")


def expect_headers(owner: object, headers: Mapping[str, str]) -> None:
    """Insist on a mapping of text to text.

    Raises:
        TypeError: If it is none.
    """
    expect(owner, "a mapping of names to values", Mapping, headers=headers)
    for name, value in headers.items():
        expect(owner, "text for names and values", str, headers=name)
        expect(owner, "text for names and values", str, headers=value)


def expect_seconds(owner: object, **fields: float) -> None:
    """Insist on times that can be waited for.

    Raises:
        TypeError: If a value is no number.
        ValueError: If it is negative or not finite.
    """
    expect(owner, "seconds", int, float, **fields)
    for name, value in fields.items():
        if not 0 <= value < math.inf:
            told = f"{type(owner).__name__}.{name} takes seconds, 0 or more"
            raise ValueError(f"{told}, not {value!r}")
