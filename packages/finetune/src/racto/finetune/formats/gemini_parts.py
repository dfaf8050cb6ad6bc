"""The parts of Gemini's turns: text, media, function calls and their responses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.content import (
    AudioPart,
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
from racto.finetune.media import Medium, base64_of, bytes_of, medium
from racto.finetune.messages import RactoTrainingMessage

from .fields import as_object, object_in, optional_text, text_in
from .losses import Losses

PROVIDER = "google"
"""Name of the provider in parts that only it understands."""

_SPELLINGS = {
    "function_call": "functionCall",
    "function_response": "functionResponse",
    "inline_data": "inlineData",
    "file_data": "fileData",
    "thought_signature": "thoughtSignature",
    "mime_type": "mimeType",
    "file_uri": "fileUri",
}


def encode_parts(
    message: RactoTrainingMessage, names: Mapping[str, str], losses: Losses
) -> list[dict[str, Any]]:
    """The parts of a turn.

    Args:
        message: The turn.
        names: Names of the tools by the ids of their calls.
        losses: Takes what the format cannot carry.
    """
    if isinstance(message.body, str):
        return [{"text": message.body}]
    made = (_part(part, names, losses) for part in message.body)
    return [part for part in made if part is not None]


def _part(part: Any, names: Mapping[str, str], losses: Losses) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        if part.cache or part.citations:
            losses.lose("marks on a text", "caching and citations are no training data")
        return _signed({"text": part.text}, part.signature)
    if isinstance(part, ImagePart | AudioPart | DocumentPart):
        return _medium(part, losses)
    if isinstance(part, ToolCallPart):
        return _signed({"functionCall": _call(part, losses)}, part.signature)
    if isinstance(part, ToolResultPart):
        return {"functionResponse": _response(part, names, losses)}
    if isinstance(part, LinkPart | RefusalPart):
        return {"text": part.text}
    if isinstance(part, ReasoningPart) and part.provider == PROVIDER:
        return _signed({"text": part.text, "thought": True}, part.signature)
    if isinstance(part, ProviderPart) and part.provider == PROVIDER:
        return dict(part.data)
    losses.lose(part.type, "its turns hold text, media, function calls and responses")
    return None


def _signed(part: dict[str, Any], signature: str | None) -> dict[str, Any]:
    return part if signature is None else {**part, "thoughtSignature": signature}


def _medium(part: Medium, losses: Losses) -> dict[str, Any]:
    if isinstance(part, ImagePart) and part.detail not in (None, "auto"):
        losses.lose("an image's detail", "it is a setting of the whole request")
    # Vertex AI reads gs:// and https:// by itself.
    if part.url is not None:
        return {"fileData": {"mimeType": part.mime_type, "fileUri": part.url}}
    data = base64_of(part.data or b"")
    return {"inlineData": {"mimeType": part.mime_type, "data": data}}


def _call(part: ToolCallPart, losses: Losses) -> dict[str, Any]:
    if part.is_malformed:
        losses.lose("malformed arguments", "a function call's args are an object")
    args = {"malformed": part.raw_arguments} if part.is_malformed else part.arguments
    made = {"name": part.name, "args": args}
    return {"id": part.id, **made} if part.id else made


def _response(part: ToolResultPart, names: Mapping[str, str], losses: Losses) -> dict[str, Any]:
    if not isinstance(part.content, str) and any(
        inner.type not in ("text", "link") for inner in part.content
    ):
        losses.lose("media in a tool result", "a function response holds data and text")
    # Data stays data; a text is wrapped, since a response is an object.
    response = part.structured
    if not isinstance(response, dict) or part.is_error:
        response = {"error" if part.is_error else "output": part.text}
    made = {"name": part.name or names.get(part.tool_call_id, ""), "response": response}
    return {"id": part.tool_call_id, **made} if part.tool_call_id else made


def decode_parts(parts: Sequence[Any], where: str) -> list[ContentPart]:
    """The parts of a turn; those with unknown fields are kept as they are.

    Raises:
        ConfigurationError: If a field has another type than it must.
    """
    return [
        _decode(as_object(raw, f"{where}.parts[{at}]"), f"{where}.parts[{at}]")
        for at, raw in enumerate(parts)
    ]


def _decode(raw: dict[str, Any], where: str) -> ContentPart:
    part = _spelt(raw)
    keys = part.keys() - {"thoughtSignature"}
    signature = optional_text(part, "thoughtSignature", where)
    if keys == {"text"}:
        return TextPart(text=text_in(part, "text", where), signature=signature)
    # Thinking is told from words by a flag alone.
    if keys == {"text", "thought"} and part["thought"] is True:
        text = text_in(part, "text", where)
        return ReasoningPart(text=text, signature=signature, provider=PROVIDER)
    found: ContentPart | None = None
    if keys == {"functionCall"}:
        found = _decode_call(object_in(part, "functionCall", where), signature, where)
    elif signature is None and keys == {"functionResponse"}:
        found = _decode_response(object_in(part, "functionResponse", where), where)
    elif signature is None and len(keys) == 1:
        found = _decode_medium(part, where)
    return found or ProviderPart(provider=PROVIDER, data=raw)


def _spelt(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {_SPELLINGS.get(key, key): value for key, value in raw.items()}


def _decode_call(raw: dict[str, Any], signature: str | None, where: str) -> ContentPart | None:
    if raw.keys() - {"id", "name", "args"}:
        return None
    return ToolCallPart(
        id=optional_text(raw, "id", where) or "",
        name=text_in(raw, "name", where),
        arguments=object_in(raw, "args", where) if raw.get("args") is not None else {},
        signature=signature,
    )


def _decode_response(raw: dict[str, Any], where: str) -> ContentPart | None:
    if raw.keys() - {"id", "name", "response"}:
        return None
    response = object_in(raw, "response", where) if raw.get("response") is not None else {}
    call = optional_text(raw, "id", where) or ""
    name = optional_text(raw, "name", where) or ""
    for key, is_error in (("output", False), ("error", True)):
        if response.keys() == {key} and isinstance(response[key], str):
            return ToolResultPart(
                tool_call_id=call, name=name, content=response[key], is_error=is_error
            )
    # Beside the data a text, for formats that know texts only.
    text = json.dumps(response, ensure_ascii=False, separators=(",", ":"))
    return ToolResultPart(tool_call_id=call, name=name, content=text, structured=response)


def _decode_medium(part: dict[str, Any], where: str) -> ContentPart | None:
    if isinstance(part.get("inlineData"), dict):
        inline = _spelt(part["inlineData"])
        if inline.keys() != {"mimeType", "data"}:
            return None
        data = bytes_of(text_in(inline, "data", where))
        return None if data is None else medium(text_in(inline, "mimeType", where), data=data)
    if isinstance(part.get("fileData"), dict):
        file = _spelt(part["fileData"])
        if file.keys() == {"mimeType", "fileUri"}:
            kind = text_in(file, "mimeType", where)
            return medium(kind, url=text_in(file, "fileUri", where))
    return None
