"""Tool calls whose arguments keep the very characters in which they were written."""

from __future__ import annotations

import json
from typing import Any

from racto.core.content import ToolCallPart, ToolCallResult
from racto.core.errors import ConfigurationError


class WrittenCall(ToolCallPart):
    """A tool call that remembers how its arguments were written.

    A model is trained on characters: ``{"a": 1}`` and ``{"a":1}`` are different targets. A call
    that is written as racto itself would write it is a plain ``ToolCallPart``.

    Attributes:
        written: The arguments as JSON, as they stood in the file.
    """

    written: str


def call_of_text(text: str, *, name: str, id: str = "") -> ToolCallPart:
    """The tool call whose arguments were written as ``text``.

    Args:
        text: The arguments as JSON; kept raw when they are no JSON object.
        name: Name of the tool.
        id: Id of the call; empty where the format has none.
    """
    read = ToolCallResult.of_text(text, name=name, id=id)
    if read.raw_arguments is not None:
        return ToolCallPart(id=id, name=name, raw_arguments=text)
    if _compact(read.arguments) == text:
        return ToolCallPart(id=id, name=name, arguments=read.arguments)
    return WrittenCall(id=id, name=name, arguments=read.arguments, written=text)


def text_of_call(call: ToolCallPart) -> str:
    """The arguments of a call as the text that a model is trained on.

    Raises:
        ConfigurationError: If they hold what JSON cannot, such as NaN.
    """
    if call.raw_arguments is not None:
        return call.raw_arguments
    if isinstance(call, WrittenCall):
        return call.written
    try:
        return _compact(call.arguments)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"the arguments of the call of {call.name!r} are no JSON: {error}"
        ) from error


def _compact(arguments: dict[str, Any]) -> str:
    # Escapes stay away, since models do not write them either.
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
