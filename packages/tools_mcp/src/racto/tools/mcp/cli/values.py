"""Typed text as JSON data, of the type that a schema asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from racto.core.tool_schemas import ParamSchema

_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "no", "n", "off", "0"), False),
}


def typed(text: str, param: ParamSchema, *, fits: Callable[[Any], bool]) -> Any:
    """A text as the value of a parameter.

    A text that cannot be of the type stays a text, for the schema to complain of.

    Args:
        text: What was typed.
        param: The parameter.
        fits: Whether a value fits the whole schema of the parameter.

    Raises:
        ValueError: If it must be JSON, and is not.
    """
    # A text may well be the word; JSON's own null is then written with :=.
    if text == "null" and param.type != "string" and fits(None):
        return None
    if param.type == "array" and not text.lstrip().startswith("["):
        # A single element; given twice, the lists are joined.
        return [_plain(text, _kind_of(param.items))]
    if param.type in ("array", "object"):
        return parsed(text)
    if param.type == "any":
        value = _plain(text, "any")
        return value if fits(value) else text
    return _plain(text, param.type)


def parsed(text: str) -> Any:
    """JSON data, without the constants that JSON does not have.

    Raises:
        ValueError: If it is none; says where it breaks.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _plain(text: str, kind: str) -> Any:
    if kind == "boolean":
        return _WORDS.get(text.lower(), text)
    if kind in ("integer", "number"):
        return _number(text)
    if kind in ("any", "object", "array", "null"):
        try:
            return parsed(text)
        except ValueError:
            # Where anything is allowed, a bare word is a text.
            return text
    return text


def _number(text: str) -> Any:
    for make in (int, float):
        try:
            value = make(text.strip())
        except ValueError:
            continue
        # JSON has no infinity, and a text is told to be no number.
        return value if abs(value) != float("inf") and value == value else text
    return text


def _kind_of(items: Mapping[str, Any] | None) -> str:
    kind = (items or {}).get("type", "any")
    return kind if isinstance(kind, str) else "any"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
