"""The content of Anthropic's messages: text, or blocks of text, media, tools and thinking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.content import (
    ContentPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.core.errors import ConfigurationError
from racto.finetune.media import base64_of, bytes_of, guessed_image, medium, text_of_document
from racto.finetune.messages import RactoTrainingMessage

from .answers import tool_answer
from .fields import list_in, object_in, optional_text, text_in
from .losses import Losses
from .openai_messages import text_block

PROVIDER = "anthropic"
"""Name of the provider in parts that only it understands."""


def encode_content(message: RactoTrainingMessage, losses: Losses) -> Any:
    """The content of a message: its text, or a list of blocks."""
    if isinstance(message.body, str):
        return message.body
    return _blocks(message.body, losses)


def _blocks(parts: Any, losses: Losses) -> list[dict[str, Any]]:
    return [block for part in parts if (block := _block(part, losses)) is not None]


def _block(part: Any, losses: Losses) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return text_block(part, losses)
    if isinstance(part, ImagePart | DocumentPart):
        return _medium(part)
    if isinstance(part, LinkPart | RefusalPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, ToolCallPart):
        return _call(part, losses)
    if isinstance(part, ToolResultPart):
        return _result(part, losses)
    if isinstance(part, ProviderPart | ReasoningPart) and part.provider == PROVIDER:
        return _own(part)
    losses.lose(part.type, "its messages hold text, images, documents, tools and Claude's thinking")
    return None


def _medium(part: ImagePart | DocumentPart) -> dict[str, Any]:
    if isinstance(part, DocumentPart) and (words := text_of_document(part)):
        return {"type": "text", "text": words.text}
    source = {"type": "url", "url": part.url}
    if part.data is not None:
        source = {"type": "base64", "media_type": part.mime_type, "data": base64_of(part.data)}
    # Images have no title.
    title = {"title": part.name} if isinstance(part, DocumentPart) and part.name else {}
    return {"type": part.type, "source": source, **title}


def _call(part: ToolCallPart, losses: Losses) -> dict[str, Any]:
    if part.is_malformed:
        losses.lose("malformed arguments", "a tool's input is an object")
    # Under a name of its own, where losses are allowed.
    given = {"malformed": part.raw_arguments} if part.is_malformed else part.arguments
    return {"type": "tool_use", "id": part.id, "name": part.name, "input": given}


def _result(part: ToolResultPart, losses: Losses) -> dict[str, Any]:
    content: Any = part.content
    if not isinstance(content, str):
        content = _blocks(content, losses)
    made = {"type": "tool_result", "tool_use_id": part.tool_call_id, "content": content}
    return {**made, "is_error": True} if part.is_error else made


def _own(part: ProviderPart | ReasoningPart) -> dict[str, Any]:
    if isinstance(part, ProviderPart):
        return dict(part.data)
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.signature or ""}
    signature = {} if part.signature is None else {"signature": part.signature}
    return {"type": "thinking", "thinking": part.text, **signature}


def decode_block(block: dict[str, Any], where: str) -> ContentPart:
    """The part of a block; one with unknown fields is kept as it is.

    Raises:
        ConfigurationError: If a field of it has another type than it must.
    """
    kind = block.get("type")
    fields = _FIELDS.get(str(kind), frozenset())
    if block.keys() - fields - {"type"} or kind not in _FIELDS:
        return ProviderPart(provider=PROVIDER, data=block)
    if kind == "text":
        return TextPart(text=text_in(block, "text", where))
    if kind == "tool_use":
        return ToolCallPart(
            id=optional_text(block, "id", where) or "",
            name=text_in(block, "name", where),
            arguments=object_in(block, "input", where),
        )
    if kind == "tool_result":
        return _decode_result(block, where)
    if kind == "thinking":
        return ReasoningPart(
            text=text_in(block, "thinking", where),
            signature=optional_text(block, "signature", where),
            provider=PROVIDER,
        )
    if kind == "redacted_thinking":
        data = text_in(block, "data", where)
        return ReasoningPart(signature=data, provider=PROVIDER, redacted=True)
    return _decode_medium(block, where)


def _decode_medium(block: dict[str, Any], where: str) -> ContentPart:
    source = object_in(block, "source", where)
    name = optional_text(block, "title", where) or ""
    is_image = block["type"] == "image"
    made: ContentPart | None = None
    if source.keys() == {"type", "url"} and source["type"] == "url":
        url = text_in(source, "url", where)
        kind = guessed_image(url) if is_image else "application/pdf"
        made = medium(kind, url=url, name=name)
    elif source.keys() == {"type", "media_type", "data"} and source["type"] == "base64":
        data = bytes_of(text_in(source, "data", where))
        kind = text_in(source, "media_type", where)
        # Text files are written as words and would not come back as files.
        if data is not None and not kind.startswith("text/"):
            made = medium(kind, data=data, name=name)
    # Such as a document that claims to be an image.
    if made is None or made.type != block["type"]:
        return ProviderPart(provider=PROVIDER, data=block)
    return made


def _decode_result(block: Mapping[str, Any], where: str) -> ContentPart:
    content: Any = block.get("content")
    if content is None:
        content = ""
    elif not isinstance(content, str):
        inner = list_in(block, "content", where)
        if not all(isinstance(each, dict) for each in inner):
            raise ConfigurationError(f"{where}.content: expected a list of objects")
        content = [decode_block(each, f"{where}.content[{at}]") for at, each in enumerate(inner)]
    return tool_answer(
        content,
        f"{where}.content",
        call=optional_text(block, "tool_use_id", where) or "",
        is_error=bool(block.get("is_error")),
    )


_FIELDS = {
    "text": frozenset({"text"}),
    "image": frozenset({"source"}),
    "document": frozenset({"source", "title"}),
    "tool_use": frozenset({"id", "name", "input"}),
    "tool_result": frozenset({"tool_use_id", "content", "is_error"}),
    "thinking": frozenset({"thinking", "signature"}),
    "redacted_thinking": frozenset({"data"}),
}
