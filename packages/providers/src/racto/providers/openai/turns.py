"""Messages of a conversation in the shape of the Chat Completions API."""

from __future__ import annotations

import base64
import json
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
from racto.providers.kits.omissions import Omissions

from .caching import marked
from .dialects import ChatDialect
from .media import data_uri, file_name, image_url

_AUDIO_FORMATS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}


def encode_messages(
    messages: Sequence[Message], dialect: ChatDialect, omissions: Omissions
) -> list[dict[str, Any]]:
    """The ``messages`` of a request; each tool's answer becomes a message of its own.

    Args:
        messages: The conversation.
        dialect: How the server speaks.
        omissions: Takes what the API cannot carry.
    """
    encoded: list[dict[str, Any]] = []
    for message in messages:
        role = message.role
        if role is MessageRole.TOOL:
            encoded.extend(_tool_messages(message, dialect, omissions))
            continue
        if role is MessageRole.ASSISTANT:
            turn = _assistant(message, dialect, omissions)
        else:
            speaker = dialect.system_role if role is MessageRole.SYSTEM else "user"
            turn = {"role": speaker, "content": _content(message.content, dialect, omissions)}
        if message.name:
            turn["name"] = message.name
        encoded.append(turn)
    return encoded


def _assistant(message: Message, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    if isinstance(message.content, str):
        return {"role": "assistant", "content": message.content}
    turn: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    calls, refusals, thoughts = [], [], []
    for part in message.content:
        if isinstance(part, ToolCallPart):
            calls.append(_call(part))
        elif isinstance(part, RefusalPart):
            refusals.append(part.text)
        elif isinstance(part, ReasoningPart) and part.provider == dialect.provider:
            thoughts.append(part.text)
        elif isinstance(part, TextPart) and part.cache:
            omissions.omit("cache mark", "a model's own turn cannot carry one")
        elif not isinstance(part, (TextPart, ReasoningPart, ProviderPart)):
            # What cannot be replayed over this API, but was the model's own and not the user's,
            # is no loss to the user.
            omissions.omit(part.type, "an assistant's turn in the history takes text only")
    if dialect.reasoning_field and any(thoughts):
        turn[dialect.reasoning_field] = "".join(thoughts)
    if calls:
        turn["tool_calls"] = calls
    if refusals:
        turn["refusal"] = "".join(refusals)
    # Null is refused where there is nothing else.
    elif turn["content"] is None and not calls:
        turn["content"] = ""
    return turn


def _call(part: ToolCallPart) -> dict[str, Any]:
    # As the model wrote them: it can mend only what it sees.
    if part.raw_arguments is not None:
        arguments = part.raw_arguments
    else:
        arguments = json.dumps(part.arguments, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": part.id,
        "type": "function",
        "function": {"name": part.name, "arguments": arguments},
    }


def _tool_messages(
    message: Message, dialect: ChatDialect, omissions: Omissions
) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if not isinstance(part, ToolResultPart):
            omissions.omit(part.type, "a tool's turn holds tool results only")
            continue
        content = _result_content(part, dialect, omissions)
        yield {"role": "tool", "tool_call_id": part.tool_call_id, "content": content}


def _result_content(part: ToolResultPart, dialect: ChatDialect, omissions: Omissions) -> Any:
    if isinstance(part.content, str):
        return part.content
    kept: list[Any] = []
    for inner in part.content:
        if isinstance(inner, _TEXTS) or (
            isinstance(inner, ImagePart) and dialect.takes_result_images
        ):
            kept.append(inner)
        else:
            omissions.omit(f"tool result of type {inner.type}", "tools answer with text here")
    if all(isinstance(inner, _TEXTS) and not _is_marked(inner) for inner in kept):
        return part.text
    return _content(kept, dialect, omissions)


def _content(content: Any, dialect: ChatDialect, omissions: Omissions) -> Any:
    if isinstance(content, str):
        return content
    blocks = [_block(part, dialect, omissions) for part in content]
    return [block for block in blocks if block is not None]


def _block(part: Any, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any] | None:
    if part.type in dialect.lacks:
        omissions.omit(part.type, "the server does not take it")
        return None
    if isinstance(part, TextPart):
        return marked({"type": "text", "text": part.text}, part, dialect, omissions)
    if isinstance(part, LinkPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, ImagePart):
        image = {"url": image_url(part)}
        if part.detail:
            image["detail"] = part.detail
        return {"type": "image_url", "image_url": image}
    if isinstance(part, AudioPart):
        return _audio(part, omissions)
    if isinstance(part, DocumentPart):
        return _document(part, omissions)
    if isinstance(part, ProviderPart) and part.provider == dialect.provider:
        return dict(part.data)
    if isinstance(part, UploadedFilePart):
        if part.provider == dialect.provider:
            return {"type": "file", "file": {"file_id": part.file_id}}
        omissions.omit("uploaded_file", f"the file lies with {part.provider}; upload it here")
        return None
    omissions.omit(part.type, "a user's turn takes text, images, sound and files")
    return None


def _audio(part: AudioPart, omissions: Omissions) -> dict[str, Any] | None:
    form = _AUDIO_FORMATS.get(part.mime_type)
    if form is None or part.data is None:
        omissions.omit("audio", f"it takes the bytes of WAV or MP3, not {part.mime_type} or a URL")
        return None
    data = base64.b64encode(part.data).decode("ascii")
    return {"type": "input_audio", "input_audio": {"data": data, "format": form}}


def _document(part: DocumentPart, omissions: Omissions) -> dict[str, Any] | None:
    if part.data is None:
        omissions.omit("document", "this API takes a document's bytes, not its URL")
        return None
    return {"type": "file", "file": {"filename": file_name(part), "file_data": data_uri(part)}}


def _is_marked(part: Any) -> bool:
    return isinstance(part, TextPart) and part.cache is not None


_TEXTS = (TextPart, LinkPart)
