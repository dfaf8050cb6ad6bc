"""Arguments of a tool call that arrive value by value, each with its place (Vertex AI)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]]+) | \[(?P<index>\d{1,9})\] |"""
    r"""\['(?P<single>(?:[^'\\]|\\.)*)'\] | \["(?P<double>(?:[^"\\]|\\.)*)"\]""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\.|\"", re.DOTALL)
_QUOTES = {"\\'": "'", '"': '\\"'}

_DEEPEST = 100

_VALUES = ("stringValue", "numberValue", "boolValue")


class PartialArguments:
    """Puts the pieces of one call together.

    A piece names its place by a JSON Path (RFC 9535), for example ``$.trips[0].to``. Pieces of a
    text follow each other under the same place. The lists grow by one at a time, so that no
    piece can ask for a million elements.
    """

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}
        self._open: str | None = None

    def add(self, piece: Mapping[str, Any]) -> None:
        """Take one piece.

        Raises:
            ValueError: If its place does not exist and cannot be made, or lies too deep.
        """
        path = str(piece.get("jsonPath") or "")
        told = next((piece[name] for name in _VALUES if name in piece), None)
        holder, key = self._place(path)
        if self._open == path and isinstance(told, str):
            told = f"{holder[key]}{told}"
        _put(holder, key, told)
        self._open = path if piece.get("willContinue") else None

    def _place(self, path: str) -> tuple[Any, str | int]:
        """What holds the value, and under which key."""
        steps = _steps(path)
        holder: Any = self.value
        for step, following in pairwise(steps):
            if _lacks(holder, step):
                _put(holder, step, [] if isinstance(following, int) else {})
            holder = holder[step]
        return holder, steps[-1]


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    end = 1
    while path.startswith("$") and (found := _STEP.match(path, end)):
        end = found.end()
        if found["index"] is not None:
            steps.append(int(found["index"]))
        else:
            quoted = found["single"] if found["single"] is not None else found["double"]
            steps.append(found["name"] if quoted is None else _plain(quoted))
    if not 0 < len(steps) <= _DEEPEST or end != len(path) or not isinstance(steps[0], str):
        raise ValueError(f"{path!r} is no place in a tool's arguments")
    return steps


def _plain(quoted: str) -> str:
    """The name that stands in quotes; JSON has the same escapes, but for the quotes themselves."""
    named = _ESCAPED.sub(lambda found: _QUOTES.get(found[0], found[0]), quoted)
    return str(json.loads(f'"{named}"', strict=False))


def _lacks(holder: Any, key: str | int) -> bool:
    if isinstance(key, int):
        return isinstance(holder, list) and key == len(holder)
    return isinstance(holder, dict) and key not in holder


def _put(holder: Any, key: str | int, value: Any) -> None:
    if isinstance(holder, list) and isinstance(key, int) and key <= len(holder):
        holder[key:] = [value]
    elif isinstance(holder, dict) and isinstance(key, str):
        holder[key] = value
    else:
        raise ValueError(f"a tool's arguments have no place {key!r} in {type(holder).__name__}")
