"""Messages of a conversation as the steps of an interaction."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from racto.core.content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.messages import Message, MessageRole
from racto.providers.google.turns import PROVIDER, file_uri
from racto.providers.kits.omissions import Omissions

_KINDS = ("image", "audio", "video")


def encode_steps(messages: Sequence[Message], omissions: Omissions) -> list[dict[str, Any]]:
    """The ``input`` of an interaction: every message but the system's.

    Args:
        messages: The conversation.
        omissions: Takes what the API cannot carry.
    """
    steps: list[dict[str, Any]] = []
    for message in messages:
        if message.name:
            omissions.omit("name", "its steps name no speaker; write the name into the text")
        if message.role is MessageRole.SYSTEM:
            continue
        if message.role is MessageRole.ASSISTANT:
            made = list(_model_steps(message, omissions))
        else:
            made = list(_user_steps(message, omissions))
        for step in made:
            _append(steps, step)
    return steps


def _append(steps: list[dict[str, Any]], step: dict[str, Any]) -> None:
    """Add a step; words that follow words of the same side join them."""
    last = steps[-1] if steps else {}
    if "content" in step and last.get("type") == step["type"]:
        last["content"] += step["content"]
    else:
        steps.append(step)


def _user_steps(message: Message, omissions: Omissions) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            yield _result(part)
            continue
        for content in _content(part, omissions):
            yield {"type": "user_input", "content": [content]}


def _content(part: Any, omissions: Omissions) -> Iterator[dict[str, Any]]:
    if isinstance(part, TextPart | LinkPart):
        if isinstance(part, TextPart) and part.cache is not None:
            omissions.omit("cache", "it caches unchanged beginnings by itself, without marks")
        # Empty text is refused.
        if part.text:
            yield _text(part.text)
    elif isinstance(part, ImagePart | AudioPart | DocumentPart):
        yield _media(part)
    elif isinstance(part, UploadedFilePart):
        if part.provider == PROVIDER and part.mime_type:
            uri = file_uri(part.file_id)
            yield {"type": _kind(part.mime_type), "uri": uri, "mime_type": part.mime_type}
        elif part.provider == PROVIDER:
            omissions.omit("uploaded_file", "it wants to know what the file is; give mime_type=")
        else:
            omissions.omit("uploaded_file", f"the file lies with {part.provider}; upload it here")
    else:
        omissions.omit(part.type, "a user's step takes text, media, files and tool results")


def _model_steps(message: Message, omissions: Omissions) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ReasoningPart):
            # Unproven thinking, or another provider's, is refused.
            if part.signature and part.provider == PROVIDER:
                summary = {"summary": [_text(part.text)]} if part.text else {}
                yield {"type": "thought", "signature": part.signature, **summary}
        elif isinstance(part, ToolCallPart):
            yield _call(part)
        elif isinstance(part, TextPart | RefusalPart):
            if part.text:
                yield {"type": "model_output", "content": [_text(part.text)]}
        elif isinstance(part, ImagePart | AudioPart):
            yield {"type": "model_output", "content": [_media(part)]}
        elif isinstance(part, ProviderPart):
            # The other protocol's parts have no type.
            if part.provider == PROVIDER and "type" in part.data:
                yield dict(part.data)
        else:
            omissions.omit(part.type, "a model's step in the history takes no files")


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _call(part: ToolCallPart) -> dict[str, Any]:
    # The API takes objects only; under a name of its own the model sees what it wrote wrongly.
    arguments = {"malformed": part.raw_arguments} if part.is_malformed else part.arguments
    return {"type": "function_call", "id": part.id, "name": part.name, "arguments": arguments}


def _result(part: ToolResultPart) -> dict[str, Any]:
    content = () if isinstance(part.content, str) else part.content
    media = [
        _media(each) for each in content if isinstance(each, ImagePart | AudioPart | DocumentPart)
    ]
    words = [_text(part.text)] if part.text else []
    made: dict[str, Any] = {
        "type": "function_result",
        "call_id": part.tool_call_id,
        "result": [*words, *media] if media else part.text,
        "is_error": part.is_error,
    }
    return {**made, "name": part.name} if part.name else made


def _media(part: ImagePart | AudioPart | DocumentPart) -> dict[str, Any]:
    made: dict[str, Any] = {"type": _kind(part.mime_type), "mime_type": part.mime_type}
    if part.url is not None:
        made["uri"] = part.url
    else:
        made["data"] = base64.b64encode(part.data or b"").decode("ascii")
    if isinstance(part, ImagePart) and part.detail in ("low", "high"):
        made["resolution"] = part.detail
    return made


def _kind(mime_type: str) -> str:
    kind = mime_type.partition("/")[0]
    return kind if kind in _KINDS else "document"
