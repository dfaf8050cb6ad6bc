"""Messages of a conversation as Gemini's ``contents``: turns of user and model, made of parts."""

from __future__ import annotations

import base64
import re
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
from racto.core.errors import ConfigurationError
from racto.core.messages import Message, MessageRole
from racto.providers.kits.omissions import Omissions

PROVIDER = "google"
"""Name of the provider in parts that only it understands."""

TOKEN = "continuationToken"  # noqa: S105
"""Name under which a reply that was stopped in the middle, and a request for the rest, know it."""

SIGNATURE = "thoughtSignature"
"""Name of the proof that a part of a model's turn is its own."""

# From Gemini 3 on a turn whose first call has no proof is refused. This is Google's own word,
# "skip_thought_signature_validator" in base64, for calls that another model made.
UNPROVEN = base64.b64encode(b"skip_thought_signature_validator").decode("ascii")
_NEEDS_NO_PROOF = re.compile(r"(?:.*/)?(?:gemini-[12]\b|gemma)")

# Uploaded files are known by URIs in requests, and by shorter names everywhere else.
_FILES = "https://generativelanguage.googleapis.com/v1beta/"


def encode_contents(
    messages: Sequence[Message], model: str, omissions: Omissions
) -> list[dict[str, Any]]:
    """The ``contents`` of a request: every message but the system's.

    Turns of one side that follow each other become one, as the API wants them to alternate; the
    answers of all tools that one turn called then stand together.

    Args:
        messages: The conversation.
        model: Who is asked.
        omissions: Takes what the API cannot carry.
    """
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    contents: list[dict[str, Any]] = []
    for message in messages:
        if message.name:
            omissions.omit("name", "its turns name no speaker; write the name into the text")
        if message.role is MessageRole.SYSTEM:
            continue
        if message.role is MessageRole.ASSISTANT:
            role, parts = "model", _model_parts(message, model, omissions)
        else:
            role, parts = "user", list(_user_parts(message, names, omissions))
        if not parts:
            continue
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        else:
            contents.append({"role": role, "parts": parts})
    return contents


def encode_system(messages: Sequence[Message]) -> dict[str, Any] | None:
    """The ``systemInstruction`` of a request; None when there is no system text."""
    texts = [message.text for message in messages if message.role is MessageRole.SYSTEM]
    parts = [{"text": text} for text in texts if text]
    return {"role": "user", "parts": parts} if parts else None


def continued(messages: Sequence[Message]) -> tuple[Sequence[Message], str | None]:
    """The conversation and the token to go on with, when it ends with a reply that was stopped.

    Such a reply is not sent back: the request that it answered is repeated with its token.
    """
    last = messages[-1] if messages else None
    for part in last.parts if last is not None else ():
        if isinstance(part, ProviderPart) and part.provider == PROVIDER and TOKEN in part.data:
            return messages[:-1], str(part.data[TOKEN])
    return messages, None


def _user_parts(
    message: Message, names: dict[str, str], omissions: Omissions
) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            yield _result(part, names, omissions)
        elif isinstance(part, TextPart | LinkPart):
            if isinstance(part, TextPart) and part.cache is not None:
                omissions.omit("cache", "it caches unchanged beginnings by itself, without marks")
            # Empty text is refused.
            if part.text:
                yield {"text": part.text}
        elif isinstance(part, ImagePart | AudioPart | DocumentPart):
            yield _media(part)
        elif isinstance(part, UploadedFilePart):
            yield from _uploaded(part, omissions)
        else:
            omissions.omit(part.type, "a user's turn takes text, media, files and tool results")


def _model_parts(message: Message, model: str, omissions: Omissions) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, TextPart):
            # Without text there may still be a signature, which some models send by itself.
            if part.text or part.signature:
                parts.append(_signed({"text": part.text}, part.signature))
        elif isinstance(part, ToolCallPart):
            parts.append(_signed({"functionCall": _call(part)}, part.signature))
        elif isinstance(part, RefusalPart):
            parts.append({"text": part.text})
        elif isinstance(part, ImagePart | AudioPart):
            parts.append(_media(part))
        elif isinstance(part, ReasoningPart):
            # Unproven thinking, or another provider's, would be an ordinary text to the model.
            if part.signature and part.provider == PROVIDER:
                parts.append(_signed({"text": part.text, "thought": True}, part.signature))
        elif isinstance(part, ProviderPart):
            _add_own(parts, part)
        else:
            omissions.omit(part.type, "a model's turn in the history takes no files")
    calls = [part for part in parts if "functionCall" in part]
    proven = any(SIGNATURE in part for part in parts)
    if calls and not proven and not _NEEDS_NO_PROOF.match(model):
        calls[0][SIGNATURE] = UNPROVEN
    return parts


def _add_own(parts: list[dict[str, Any]], part: ProviderPart) -> None:
    if part.provider != PROVIDER:
        return
    if part.data.keys() == {SIGNATURE}:
        # The proof of a picture or a sound, which have no place for it themselves.
        if parts:
            parts[-1] |= part.data
    elif TOKEN not in part.data:
        parts.append(dict(part.data))


def _signed(part: dict[str, Any], signature: str | None) -> dict[str, Any]:
    return part | {SIGNATURE: signature} if signature else part


def _call(part: ToolCallPart) -> dict[str, Any]:
    # The API takes objects only; under a name of its own the model sees what it wrote wrongly.
    arguments = {"malformed": part.raw_arguments} if part.is_malformed else part.arguments
    call = {"name": part.name, "args": arguments}
    return {"id": part.id, **call} if part.id else call


def _result(part: ToolResultPart, names: dict[str, str], omissions: Omissions) -> dict[str, Any]:
    name = part.name or names.get(part.tool_call_id)
    if not name:
        raise ConfigurationError(
            f"the tool result {part.tool_call_id!r} answers no call of the conversation, and "
            "Gemini wants the tool's name; give ToolResultPart(name=...)"
        )
    made: dict[str, Any] = {
        "name": name,
        "response": {"error" if part.is_error else "output": part.text},
    }
    if part.tool_call_id:
        made["id"] = part.tool_call_id
    media = [] if isinstance(part.content, str) else [
        _media(inner) for inner in part.content
        if isinstance(inner, ImagePart | AudioPart | DocumentPart)
    ]  # fmt: skip
    if media:
        made["parts"] = media
    return {"functionResponse": made}


def _media(part: ImagePart | AudioPart | DocumentPart) -> dict[str, Any]:
    made: dict[str, Any]
    if part.url is not None:
        made = {"fileData": {"fileUri": part.url, "mimeType": part.mime_type}}
    else:
        data = base64.b64encode(part.data or b"").decode("ascii")
        made = {"inlineData": {"mimeType": part.mime_type, "data": data}}
    if isinstance(part, ImagePart) and part.detail in ("low", "high"):
        made["mediaResolution"] = {"level": f"MEDIA_RESOLUTION_{part.detail.upper()}"}
    return made


def _uploaded(part: UploadedFilePart, omissions: Omissions) -> Iterator[dict[str, Any]]:
    if part.provider != PROVIDER:
        omissions.omit("uploaded_file", f"the file lies with {part.provider}; upload it here")
        return
    file = {"fileUri": file_uri(part.file_id)}
    yield {"fileData": file | {"mimeType": part.mime_type} if part.mime_type else file}


def file_uri(file_id: str) -> str:
    """The URI of an uploaded file, which may be given by its name."""
    return file_id if "://" in file_id else _FILES + file_id
