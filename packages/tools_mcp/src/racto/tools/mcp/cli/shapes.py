"""What ``--json`` prints: plain data whose fields are added to, never renamed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from racto.core import LinkPart, TextPart, ToolSchema
from racto.tools.mcp import (
    MCPPrompt,
    MCPResource,
    MCPResourceTemplate,
    MCPToolResult,
    ServerInfo,
)
from racto.tools.mcp.contents import Part


def server_data(server: ServerInfo) -> dict[str, Any]:
    """``name, version, title, protocol, instructions, capabilities``."""
    return {**asdict(server), "capabilities": sorted(server.capabilities)}


def tool_data(tool: ToolSchema) -> dict[str, Any]:
    """``name, title, description, annotations, input_schema, output_schema``."""
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "annotations": tool.annotations.model_dump() if tool.annotations else None,
        "input_schema": tool.to_json_schema(),
        "output_schema": tool.output_schema,
    }


def resource_data(resource: MCPResource) -> dict[str, Any]:
    """``uri, name, title, description, mime_type, size``."""
    return asdict(resource)


def template_data(template: MCPResourceTemplate) -> dict[str, Any]:
    """``uri_template, name, title, description, mime_type``."""
    return asdict(template)


def prompt_data(prompt: MCPPrompt) -> dict[str, Any]:
    """``name, title, description, arguments``; each argument ``name, description, required``."""
    return {**asdict(prompt), "arguments": [asdict(argument) for argument in prompt.arguments]}


def result_data(
    tool: str, result: MCPToolResult, *, seconds: float, saved: Mapping[int, Path]
) -> dict[str, Any]:
    """``tool, is_error, content, parts, structured, meta, seconds``."""
    return {
        "tool": tool,
        "is_error": result.is_error,
        "content": result.content,
        "parts": parts_data(result.parts, saved),
        "structured": result.structured,
        "meta": result.meta,
        "seconds": round(seconds, 6),
    }


def parts_data(parts: tuple[Part, ...], saved: Mapping[int, Path]) -> list[dict[str, Any]]:
    """Parts of an answer; a medium has its bytes as base64 in ``data``, or the ``path`` of a file."""
    return [_part_data(part, saved.get(number)) for number, part in enumerate(parts)]


def _part_data(part: Part, path: Path | None) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, LinkPart):
        names = ("type", "uri", "name", "description", "mime_type", "size")
        return {name: getattr(part, name) for name in names}
    data = part.data or b""
    held: dict[str, Any] = {
        "type": part.type,
        "mime_type": part.mime_type,
        "name": part.name,
        "size": len(data),
    }
    if path is not None:
        return {**held, "path": str(path)}
    # One of the two, never both: a large file would be in memory for nothing.
    return {**held, "data": base64.b64encode(data).decode("ascii")}
