"""JSON values as lines for people: each field by its path, numbers as they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from .characters import one_line, sound
from .tables import CELL_BREAK

DEEPEST = 100
"""Most arrays and objects within each other."""

# The path goes before every value under it, so one of a page's length may not.
_LONGEST_PATH = 120
_WORDS = {True: "true", False: "false", None: ""}


def parse(text: str) -> Any:
    """Parse one JSON value.

    Args:
        text: The value, white space around it allowed.

    Returns:
        Objects as tuples of pairs, so that a key which comes twice keeps both values; numbers as
        the text they are written in, of any length, ``NaN`` and ``Infinity`` among them.

    Raises:
        ValueError: If it is not JSON, or nests deeper than :data:`DEEPEST`.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=str
        )
    except RecursionError as exc:
        raise ValueError(f"it nests deeper than {DEEPEST} levels") from exc
    _require_shallow(value)
    return value


def fields_of(value: Any) -> Iterator[tuple[str, str]]:
    """The leaves of a parsed value that say something, each with its path.

    Args:
        value: As :func:`parse` returns it.

    Yields:
        Pairs such as ``("author.name", "Anna")``. Items of an array share its path, and
        those that are no arrays or objects are joined by a comma. The path of a bare value is
        empty.
    """
    pending: list[Iterator[tuple[str, Any]]] = [iter([("", value)])]
    while pending:
        item = next(pending[-1], None)
        if item is None:
            pending.pop()
            continue
        path, each = item
        if isinstance(each, tuple):
            pending.append(_members(path, each))
        elif isinstance(each, list):
            if plain := ", ".join(filter(None, (_word(x) for x in each if not _is_nested(x)))):
                yield path, plain
            pending.append(zip(repeat(path), filter(_is_nested, each), strict=False))
        elif word := _word(each):
            yield path, word


def line_of(value: Any) -> str:
    """A parsed value as one line, its fields apart as the cells of a table are."""
    return CELL_BREAK.join(_labelled(path, one_line(text)) for path, text in fields_of(value))


def lines_of(value: Any) -> Iterator[str]:
    """A parsed value as one piece a field; texts of several lines keep them."""
    return (_labelled(path, text) for path, text in fields_of(value))


def _labelled(path: str, text: str) -> str:
    return f"{path}: {text}" if path else text


def _members(path: str, fields: tuple[tuple[str, Any], ...]) -> Iterator[tuple[str, Any]]:
    return ((_below(path, key), value) for key, value in fields)


def _below(path: str, key: str) -> str:
    key = one_line(sound(key))
    return (f"{path}.{key}" if path else key)[-_LONGEST_PATH:]


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _word(value: Any) -> str:
    return sound(value).strip() if isinstance(value, str) else _WORDS[value]


def _require_shallow(value: Any) -> None:
    level, depth = [value], 0
    while level := [each for each in level if _is_nested(each)]:
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"it nests deeper than {DEEPEST} levels")
        level = [inner for each in level for inner in _inner(each)]


def _inner(value: Any) -> Any:
    return (each for _, each in value) if isinstance(value, tuple) else value
