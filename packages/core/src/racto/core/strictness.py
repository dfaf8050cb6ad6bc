"""Validation as JSON Schema means it: without coercion, each fault told with its place."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import ToolArgumentsError

M = TypeVar("M", bound=BaseModel)

# Above this, a float no longer holds every integer.
_EXACT = 2**53


def validate_strictly(model: type[M], arguments: Mapping[str, Any], *, tool: str) -> M:
    """Validate JSON data against a pydantic model as JSON Schema would, without coercion.

    Args:
        model: The model to make.
        arguments: JSON data: what ``json.loads`` may return.
        tool: Name of the tool, for the error.

    Raises:
        ToolArgumentsError: If the data does not fit; ``problems`` has one line a fault.
    """
    try:
        text = json.dumps(arguments)
    except (TypeError, ValueError, RecursionError) as error:
        raise arguments_error(tool, [f"the arguments are not JSON data: {error}"]) from error
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        found = error
    if any(_is_whole(fault) for fault in found.errors(include_url=False)):
        # Gemini, among others, writes every number with a fraction.
        try:
            return model.model_validate_json(json.dumps(_whole(arguments)), strict=True)
        except ValidationError as error:
            found = error
    raise arguments_error(tool, _problems(found, model)) from found


def arguments_error(tool: str, problems: Collection[str]) -> ToolArgumentsError:
    """The error for arguments that do not fit, worded so that the model can mend its call."""
    lines = "".join(f"\n- {problem}" for problem in problems)
    return ToolArgumentsError(
        f"The arguments for tool {tool!r} do not fit its schema:{lines}\n"
        "Call the tool again with corrected arguments.",
        problems=tuple(problems),
    )


def _problems(error: ValidationError, model: type[BaseModel]) -> list[str]:
    known = [field.alias or name for name, field in model.model_fields.items()]
    return [_problem(fault, known) for fault in error.errors(include_url=False)]


def _problem(fault: Any, known: list[str]) -> str:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault["loc"])
    where = where.lstrip(".") or "arguments"
    if fault["type"] == "missing":
        return f"{where}: required, but missing"
    if fault["type"] == "extra_forbidden":
        return f"{where}: no such parameter{_suggestion(fault['loc'], known)}"
    shown = json.dumps(fault["input"], default=repr, ensure_ascii=False)
    if len(shown) > 80:
        shown = f"{shown[:77]}..."
    return f"{where}: {fault['msg']}, got {shown}"


def _suggestion(loc: tuple[Any, ...], known: list[str]) -> str:
    if len(loc) > 1:
        return ""
    import difflib

    close = difflib.get_close_matches(str(loc[0]), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; it takes {', '.join(known)}" if known else "; it takes none"


def _is_whole(fault: Any) -> bool:
    value = fault["input"]
    return fault["type"] == "int_type" and isinstance(value, float) and value.is_integer()


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value
