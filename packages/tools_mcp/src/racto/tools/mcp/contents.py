"""Content between MCP and racto: blocks of a result, prompt or resource, and parts of a message."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import mcp_types as types

from racto.core import AudioPart, DocumentPart, ImagePart, LinkPart, RactoFile, TextPart
from racto.core.content import part_of_file

Part: TypeAlias = TextPart | ImagePart | AudioPart | DocumentPart | LinkPart
"""What a tool, a prompt or a resource may hold."""


def parts_of(blocks: Iterable[types.ContentBlock]) -> tuple[Part, ...]:
    """The blocks of a result as parts, in order, nothing dropped.

    An embedded text becomes text under a line with its URI, as a text attachment does; embedded
    bytes become an image, a sound or a document named by their URI. A block whose base64 is
    broken becomes a text that says so.
    """
    return tuple(_part(block) for block in blocks)


def resource_parts(
    contents: Iterable[types.TextResourceContents | types.BlobResourceContents],
) -> tuple[Part, ...]:
    """What a resource holds: bare text, and bytes by their MIME type."""
    return tuple(
        TextPart(text=item.text) if isinstance(item, types.TextResourceContents) else _blob(item)
        for item in contents
    )


def blocks_of(content: str | Sequence[Part | RactoFile]) -> list[types.ContentBlock]:
    """Parts as the blocks of a result; a medium that is only pointed at becomes a link."""
    if isinstance(content, str):
        return [types.TextContent(text=content)] if content else []
    return [_block(part_of_file(p) if isinstance(p, RactoFile) else p) for p in content]


def _part(block: types.ContentBlock) -> Part:
    if isinstance(block, types.TextContent):
        return TextPart(text=block.text)
    if isinstance(block, types.ResourceLink):
        return LinkPart(
            uri=block.uri,
            name=block.title or block.name,
            description=block.description or "",
            mime_type=block.mime_type,
            size=block.size if block.size is None or block.size >= 0 else None,
        )
    if isinstance(block, types.EmbeddedResource):
        held = block.resource
        if isinstance(held, types.BlobResourceContents):
            return _blob(held)
        return TextPart(text=f"[Resource: {held.uri}]\n{held.text}")
    kind = ImagePart if isinstance(block, types.ImageContent) else AudioPart
    data = _decoded(block.data)
    if data is None:
        return _broken(f"{block.type} ({block.mime_type})")
    return kind(data=data, mime_type=block.mime_type)


def _blob(held: types.BlobResourceContents) -> Part:
    data = _decoded(held.blob)
    if data is None:
        return _broken(f"resource {held.uri}")
    mime_type = held.mime_type or "application/octet-stream"
    if mime_type.startswith("image/"):
        return ImagePart(data=data, mime_type=mime_type, name=held.uri)
    if mime_type.startswith("audio/"):
        return AudioPart(data=data, mime_type=mime_type, name=held.uri)
    return DocumentPart(data=data, mime_type=mime_type, name=held.uri)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _broken(what: str) -> TextPart:
    return TextPart(text=f"[The server sent a {what} whose base64 is broken.]")


def _block(part: Part) -> types.ContentBlock:
    if isinstance(part, TextPart):
        return types.TextContent(text=part.text)
    if isinstance(part, LinkPart):
        return types.ResourceLink(
            uri=part.uri,
            name=part.name or part.uri,
            description=part.description or None,
            mime_type=part.mime_type,
            size=part.size,
        )
    if part.data is None:
        name, uri = part.name or str(part.url), str(part.url)
        return types.ResourceLink(uri=uri, name=name, mime_type=part.mime_type)
    text = base64.b64encode(part.data).decode("ascii")
    if isinstance(part, ImagePart):
        return types.ImageContent(data=text, mime_type=part.mime_type)
    if isinstance(part, AudioPart):
        return types.AudioContent(data=text, mime_type=part.mime_type)
    uri = part.name if "://" in part.name else f"attachment://{part.name or 'document'}"
    held = types.BlobResourceContents(uri=uri, mime_type=part.mime_type, blob=text)
    return types.EmbeddedResource(resource=held)
