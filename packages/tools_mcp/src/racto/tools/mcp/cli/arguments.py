"""The arguments of a call, as they are typed: ``key=value``, ``key:=json``, ``key=@file``."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core import ToolSchema
from racto.core.conformity import problems
from racto.core.tool_schemas import ParamSchema, list_parameters

from .exits import CommandError
from .listing import parameters_line
from .values import parsed, typed


def arguments_of(
    words: Sequence[str], whole: str | None, tool: ToolSchema, *, is_checked: bool = True
) -> dict[str, Any]:
    """The arguments of a call, checked against the tool's schema.

    Args:
        words: Arguments one by one; they win over ``whole``.
        whole: A JSON object, ``@file`` or ``-`` for standard input.
        tool: The tool.
        is_checked: Whether to check them at all.

    Raises:
        CommandError: If they cannot be read, or do not fit; lists all that is wrong.
    """
    schema = tool.to_json_schema()
    alone, unknown = _one_by_one(words, schema)
    arguments = {**(_whole(whole) if whole is not None else {}), **alone}
    if not is_checked:
        return arguments
    # What a name that is not there should be, nobody can say.
    known = {key: value for key, value in arguments.items() if key not in unknown}
    found = [*unknown.values(), *problems(known, schema, path="")]
    if found:
        raise CommandError(
            f"the arguments do not fit the tool {tool.name!r}, so nothing was sent:",
            details=[
                *(f"- {line.removeprefix('.')}" for line in found),
                f"it takes: {parameters_line(tool) or 'nothing'}",
            ],
        )
    return arguments


def texts_of(words: Sequence[str]) -> dict[str, str]:
    """The arguments of a prompt, which are texts all.

    Raises:
        CommandError: If one cannot be read.
    """
    split = [_split(word) for word in words]
    return {key: _text(key, text) if not is_json else text for key, is_json, text in split}


def _one_by_one(
    words: Sequence[str], schema: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    params = {param.name: param for param in list_parameters(schema)}
    found: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    for word in words:
        key, is_json, text = _split(word)
        if key not in params and _is_closed(schema):
            unknown[key] = _no_such(key, list(params))
        value = _value(key, text, is_json=is_json, param=params.get(key), schema=schema)
        # "tag=a tag=b" is how a shell would write a list.
        if key in found and isinstance(found[key], list) and isinstance(value, list):
            value = found[key] + value
        elif key in found:
            raise CommandError(f"the argument {key!r} is given twice")
        found[key] = value
    return found, unknown


def _split(word: str) -> tuple[str, bool, str]:
    key, sign, text = word.partition("=")
    if not sign or not key.rstrip(":"):
        raise CommandError(
            f"{word!r} is no argument: write key=value, key:=json, key=@file, or --args JSON"
        )
    return key.removesuffix(":"), key.endswith(":"), text


def _value(
    key: str, text: str, *, is_json: bool, param: ParamSchema | None, schema: Mapping[str, Any]
) -> Any:
    text = _text(key, text)
    # One argument is judged alone, and lacks the others.
    lenient = {**schema, "required": []}
    try:
        if is_json:
            return parsed(text)
        if param is None:
            param = ParamSchema(name=key, type="any")
        return typed(text, param, fits=lambda value: not problems({key: value}, lenient))
    except ValueError as error:
        raise CommandError(f"the argument {key!r} is no JSON: {error}") from error


def _text(key: str, text: str) -> str:
    if not text.startswith("@"):
        return text
    # As in other commands, the sign that is doubled stands for itself.
    if text.startswith("@@"):
        return text[1:]
    return _read(text[1:], f"the argument {key!r}")


def _whole(source: str) -> dict[str, Any]:
    if source == "-":
        text = sys.stdin.read()
    else:
        text = _read(source[1:], "--args") if source.startswith("@") else source
    try:
        found = parsed(text)
    except ValueError as error:
        raise CommandError(f"--args is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise CommandError(f"--args must be a JSON object, not {json.dumps(found)[:40]}")
    return found


def _read(name: str, what: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(
            f"{what}: the file {name!r} cannot be read: {reason} (a value that begins with @ is "
            "written @@)"
        ) from error


def _is_closed(schema: Mapping[str, Any]) -> bool:
    # A schema that says nothing allows everything; typed by hand, another name is a slip.
    return not schema.get("additionalProperties") and "patternProperties" not in schema


def _no_such(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{key}: no such parameter{hint}"
