"""What a tool returned, as the part that goes back to the model."""

from __future__ import annotations

import json
from typing import Any

from .content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    TextPart,
    ToolCallResult,
    ToolResultPart,
    part_of_file,
)
from .errors import ToolError, ToolExecutionError
from .files import RactoFile

_PARTS = (TextPart, ImagePart, AudioPart, DocumentPart, LinkPart)


def result_part(call: ToolCallResult, value: Any) -> ToolResultPart:
    """Turn a tool's return value into the answer to a call.

    A string goes as it is; content parts, files and lists of them are kept; everything else
    (models, dataclasses, dates, sets, plain data) becomes JSON, also given as ``structured``.

    Args:
        call: The call that is answered.
        value: What the tool returned.

    Raises:
        ToolExecutionError: If the value has no JSON form.
    """
    # A tool that answers with a part may have marked it as an error itself.
    if isinstance(value, ToolResultPart):
        named = {"tool_call_id": call.id, "name": call.name}
        return value.model_copy(update=named)
    if isinstance(value, str):
        return ToolResultPart(tool_call_id=call.id, name=call.name, content=_sendable(call, value))
    parts = _parts(value)
    if parts is not None:
        return ToolResultPart(tool_call_id=call.id, name=call.name, content=parts)
    text = _json(call, value)
    data = json.loads(text)
    structured = data if isinstance(data, (dict, list)) else None
    return ToolResultPart(tool_call_id=call.id, name=call.name, content=text, structured=structured)


def error_part(call: ToolCallResult, error: ToolError) -> ToolResultPart:
    """The answer to a call that failed: the error's message, marked as an error."""
    return ToolResultPart(
        tool_call_id=call.id, name=call.name, content=error.message, is_error=True
    )


def _sendable(call: ToolCallResult, text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ToolExecutionError(
            f"Tool {call.name!r} returned text that is not valid Unicode at position "
            f"{error.start} (a lone surrogate, as undecodable file names have)"
        ) from error
    return text


def _parts(value: Any) -> tuple[Any, ...] | None:
    items = value if isinstance(value, (list, tuple)) and value else (value,)
    # Mixed lists are data, not content: half a list of parts would lose the other half.
    if not all(isinstance(item, (*_PARTS, RactoFile)) for item in items):
        return None
    return tuple(part_of_file(item) if isinstance(item, RactoFile) else item for item in items)


def _json(call: ToolCallResult, value: Any) -> str:
    from .schemas import json_text

    if isinstance(value, (bytes, bytearray, memoryview)):
        raise ToolExecutionError(
            f"Tool {call.name!r} returned {len(value)} raw bytes; return a RactoFile or an "
            "ImagePart, AudioPart or DocumentPart, which say what the bytes are"
        )
    try:
        return json_text(value)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise ToolExecutionError(
            f"Tool {call.name!r} returned a {type(value).__name__}, which cannot be sent to the "
            f"model ({reason}); return text, data that JSON can carry, or content parts"
        ) from error
