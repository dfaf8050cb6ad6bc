"""Messages in the shape of OpenAI's Chat Completions, which most trainers' files share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from racto.core.content import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.errors import ConfigurationError
from racto.finetune.media import base64_of, data_uri, source_of, text_of_document
from racto.finetune.messages import RactoTrainingMessage
from racto.finetune.written_calls import text_of_call

from .losses import Losses

PROVIDER = "openai"
"""Name of the provider in parts that only it understands."""

AUDIO_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3"}
"""The sounds that the format takes, by MIME type."""


def encode_messages(
    messages: Iterable[RactoTrainingMessage], losses: Losses
) -> list[dict[str, Any]]:
    """The ``messages`` of a record; each tool's answer becomes a message of its own."""
    encoded: list[dict[str, Any]] = []
    for message in messages:
        body = message.body
        # Nearly every message is text and nothing else.
        if type(body) is str and message.weight is None is message.name and not message.extra:
            encoded.append({"role": message.role, "content": body})
        else:
            encoded.extend(_encode(message, losses))
    return encoded


def encode_one(message: RactoTrainingMessage) -> dict[str, Any]:
    """One message.

    Raises:
        ConfigurationError: If it holds the answers of several tools.
        UnsupportedFeatureError: If the format cannot carry it.
    """
    made = encode_messages([message], Losses(title="OpenAI's format"))
    if len(made) != 1:
        raise ConfigurationError(
            f"the turn holds {len(made)} tool results, and OpenAI takes one a message; encode "
            "the whole example"
        )
    return made[0]


def _encode(message: RactoTrainingMessage, losses: Losses) -> list[dict[str, Any]]:
    results = message.tool_results
    made = [_tool(result, losses) for result in results]
    rest = [part for part in message.parts if not isinstance(part, ToolResultPart)]
    if rest or not results:
        made.append(_turn(message, rest, losses))
    for key, value in (("name", message.name), ("weight", message.weight)):
        if value is not None:
            made[-1][key] = value
    made[-1].update(message.extra)
    return made


def _turn(
    message: RactoTrainingMessage, parts: Sequence[ContentPart], losses: Losses
) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role}
    if isinstance(message.body, str):
        return {**turn, "content": message.body}
    # OpenAI keeps calls and refusals beside the content, whatever their order was.
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    refusals = [part.text for part in parts if isinstance(part, RefusalPart)]
    blocks = [
        block
        for part in parts
        if not isinstance(part, ToolCallPart | RefusalPart)
        if (block := _block(part, losses)) is not None
    ]
    turn["content"] = _joined(blocks, beside=bool(calls or refusals))
    if calls:
        turn["tool_calls"] = [_call(call) for call in calls]
    if refusals:
        turn["refusal"] = "".join(refusals)
    return turn


def _joined(blocks: list[dict[str, Any]], *, beside: bool) -> Any:
    """Null for no content, a text for one text, a list for more."""
    if not blocks:
        return None if beside else ""
    # A text alone is written as every trainer reads it.
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        return blocks[0]["text"]
    return blocks


def _call(call: ToolCallPart) -> dict[str, Any]:
    function = {"name": call.name, "arguments": text_of_call(call)}
    return {"id": call.id, "type": "function", "function": function}


def _tool(result: ToolResultPart, losses: Losses) -> dict[str, Any]:
    content: Any = result.content
    if not isinstance(content, str):
        made = [block for part in content if (block := _block(part, losses)) is not None]
        content = _joined(made, beside=False)
    return {"role": "tool", "tool_call_id": result.tool_call_id, "content": content}


def _block(part: Any, losses: Losses) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return text_block(part, losses)
    if isinstance(part, ImagePart):
        detail = {"detail": part.detail} if part.detail else {}
        return {"type": "image_url", "image_url": {"url": source_of(part), **detail}}
    if isinstance(part, AudioPart):
        return _audio(part, losses)
    if isinstance(part, DocumentPart):
        return _document(part, losses)
    if isinstance(part, LinkPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, UploadedFilePart | ProviderPart) and part.provider != PROVIDER:
        losses.lose(f"a part of {part.provider}", "only its own provider understands it")
        return None
    if isinstance(part, UploadedFilePart):
        return {"type": "file", "file": {"file_id": part.file_id}}
    if isinstance(part, ProviderPart):
        return dict(part.data)
    losses.lose(part.type, "its turns are made of text, images, sounds, files and tool calls")
    return None


def text_block(part: TextPart, losses: Losses) -> dict[str, Any]:
    """A block of text."""
    if part.cache or part.citations or part.signature:
        losses.lose("marks on a text", "caching, citations and signatures are no training data")
    return {"type": "text", "text": part.text}


def _audio(part: AudioPart, losses: Losses) -> dict[str, Any] | None:
    form = AUDIO_FORMATS.get(part.mime_type)
    if form is None or part.data is None:
        losses.lose(f"{part.mime_type} sound", "it takes the bytes of WAV or MP3")
        return None
    return {"type": "input_audio", "input_audio": {"data": base64_of(part.data), "format": form}}


def _document(part: DocumentPart, losses: Losses) -> dict[str, Any] | None:
    if words := text_of_document(part):
        return {"type": "text", "text": words.text}
    if part.data is None:
        losses.lose("a document by URL", "it takes a document's bytes")
        return None
    name = part.name or "document"
    return {"type": "file", "file": {"filename": name, "file_data": data_uri(part)}}


def wrapped_tools(tools: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The ``tools`` of a record."""
    return [
        # Tools of other kinds than functions carry their own type.
        {"type": "function", "function": dict(tool)} if "type" not in tool else dict(tool)
        for tool in tools
    ]
