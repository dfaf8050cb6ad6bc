"""A tool's answer as the result that goes to the client: checked, measured, and fit for the wire."""

from __future__ import annotations

import json
from typing import Any

import mcp_types as types

from racto.core import ToolResultPart
from racto.core.errors import ToolExecutionError
from racto.core.schemas import json_text
from racto.tools.mcp.contents import blocks_of

from .outputs import OutputShape


def answer_of(
    part: ToolResultPart, shape: OutputShape | None, *, max_bytes: int
) -> types.CallToolResult:
    """The result for an answer of a registry.

    Args:
        part: The answer.
        shape: What the tool promised to return; None when nothing.
        max_bytes: Largest result.

    Raises:
        ToolExecutionError: If the answer breaks its promise, is too large, or cannot be written.
    """
    data = part.structured if part.is_error or shape is None else shape.structured(part)
    if shape is None and not isinstance(data, dict):
        # Older clients take objects only, and the text says the same.
        data = None
    content = blocks_of(part.content)
    size = sum(map(_size, content))
    if data is not None:
        text = _json(part.name, data)
        # Data is sent beside the text that says the same, so both count.
        size += len(text)
        data = json.loads(text)
    check_size(f"the result of tool {part.name!r}", size, max_bytes)
    return types.CallToolResult(content=content, structured_content=data, is_error=part.is_error)


def failure(message: str) -> types.CallToolResult:
    """The result of a call that failed, in words for the model."""
    return types.CallToolResult(content=[types.TextContent(text=writable(message))], is_error=True)


def writable(text: str) -> str:
    """The text without the half characters that no wire can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def check_size(what: str, size: int, most: int) -> None:
    """Do nothing if something is small enough to be sent.

    Raises:
        ToolExecutionError: If it is not.
    """
    if size > most:
        raise ToolExecutionError(
            f"{what} is {size:,} bytes, and this server sends at most {most:,}; ask for less, or "
            "in several calls"
        )


def _size(block: types.ContentBlock) -> int:
    if isinstance(block, types.TextContent):
        return _length(block.text)
    if isinstance(block, (types.ImageContent, types.AudioContent)):
        return len(block.data)
    if isinstance(block, types.EmbeddedResource):
        held = block.resource
        return len(held.blob) if isinstance(held, types.BlobResourceContents) else len(held.text)
    return _length(f"{block.uri}{block.name}{block.description}")


def _length(text: str) -> int:
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ToolExecutionError(
            f"a tool returned text that is not valid Unicode at position {error.start}"
        ) from error


def _json(name: str, data: Any) -> str:
    try:
        return json_text(data)
    except (ValueError, RecursionError) as error:
        raise ToolExecutionError(
            f"Tool {name!r} returned structured data that JSON cannot carry"
        ) from error
