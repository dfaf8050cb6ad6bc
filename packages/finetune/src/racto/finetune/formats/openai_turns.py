"""Messages read from the shape of OpenAI's Chat Completions, unknown fields kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core.content import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ProviderPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.errors import ConfigurationError
from racto.finetune.media import bytes_of, image_at, split_data_uri
from racto.finetune.messages import RactoTrainingMessage, plain_message
from racto.finetune.written_calls import call_of_text

from .answers import tool_answer
from .fields import as_object, list_in, object_in, optional_text, rest_of, shown, text_in, wrong
from .openai_messages import AUDIO_FORMATS, PROVIDER

_PLAIN = frozenset({"system", "developer", "user", "assistant"})
_KNOWN = frozenset({"role", "content", "name", "weight", "tool_calls", "tool_call_id", "refusal"})
_MIME_TYPES = {form: kind for kind, form in AUDIO_FORMATS.items()}


def decode_messages(raw: Sequence[Any], where: str = "messages") -> list[RactoTrainingMessage]:
    """The turns of a list of messages.

    Raises:
        ConfigurationError: If one has not the shape of a message; the error names it.
    """
    turns = []
    for number, message in enumerate(raw):
        if type(message) is dict and len(message) == 2:
            role, content = message.get("role"), message.get("content")
            if type(role) is str and role in _PLAIN and type(content) is str:
                turns.append(plain_message(role, content))
                continue
        place = f"{where}[{number}]"
        turns.append(_decode(as_object(message, place), place))
    return turns


def _decode(raw: dict[str, Any], where: str) -> RactoTrainingMessage:
    role = text_in(raw, "role", where)
    weight = raw.get("weight")
    if weight is not None and (isinstance(weight, bool) or not isinstance(weight, int | float)):
        raise wrong(weight, "weight", where, "0 or 1")
    parts: list[ContentPart] = _content(raw.get("content"), f"{where}.content")
    known = set(_KNOWN)
    if role == "tool":
        parts = [_result(raw, parts, where)]
    elif "tool_call_id" in raw:
        known.discard("tool_call_id")
    if refusal := optional_text(raw, "refusal", where):
        parts.append(RefusalPart(text=refusal))
    if raw.get("tool_calls") is not None:
        parts += [
            decode_call(call, f"{where}.tool_calls[{at}]")
            for at, call in enumerate(list_in(raw, "tool_calls", where))
        ]
    return RactoTrainingMessage(
        role,
        parts,
        name=optional_text(raw, "name", where),
        weight=weight,
        extra=rest_of(raw, frozenset(known)),
    )


def _content(content: Any, where: str) -> list[ContentPart]:
    if content is None:
        return []
    if isinstance(content, str):
        return [TextPart(text=content)]
    if not isinstance(content, list):
        raise ConfigurationError(f"{where}: expected a text or a list, not {shown(content)}")
    return [_part(as_object(block, f"{where}[{at}]")) for at, block in enumerate(content)]


def _result(raw: dict[str, Any], parts: list[ContentPart], where: str) -> ToolResultPart:
    content = raw.get("content")
    call = optional_text(raw, "tool_call_id", where) or ""
    said = content if isinstance(content, str) else parts
    return tool_answer(said, f"{where}.content", call=call)


def decode_call(raw: Any, where: str) -> ToolCallPart:
    """A tool call, its arguments as text or, as Hugging Face writes them, as an object.

    Raises:
        ConfigurationError: If it has not the shape of one.
    """
    call = as_object(raw, where)
    # Some files have the function without its wrapping.
    function = object_in(call, "function", where) if "function" in call else call
    name, id = text_in(function, "name", where), optional_text(call, "id", where) or ""
    arguments = function.get("arguments")
    if isinstance(arguments, dict):
        return ToolCallPart(id=id, name=name, arguments=arguments)
    if arguments is None:
        return ToolCallPart(id=id, name=name)
    return call_of_text(text_in(function, "arguments", where), name=name, id=id)


def _part(block: dict[str, Any]) -> ContentPart:
    reader = _READERS.get(str(block.get("type")))
    found = reader(block) if reader else None
    # What this release does not know in all its fields is kept as it is.
    return found or ProviderPart(provider=PROVIDER, data=block)


def _text(block: dict[str, Any]) -> ContentPart | None:
    text = block.get("text")
    return TextPart(text=text) if len(block) == 2 and isinstance(text, str) else None


def _image(block: dict[str, Any]) -> ContentPart | None:
    inner = block.get("image_url")
    if len(block) != 2 or not isinstance(inner, dict) or inner.keys() - {"url", "detail"}:
        return None
    url, detail = inner.get("url"), inner.get("detail")
    if not isinstance(url, str) or detail not in (None, "auto", "low", "high"):
        return None
    return image_at(url, detail=detail)


def _audio(block: dict[str, Any]) -> ContentPart | None:
    inner = block.get("input_audio")
    if len(block) != 2 or not isinstance(inner, dict) or inner.keys() != {"data", "format"}:
        return None
    data = bytes_of(inner["data"]) if isinstance(inner["data"], str) else None
    kind = _MIME_TYPES.get(str(inner["format"]))
    return None if data is None or kind is None else AudioPart(data=data, mime_type=kind)


def _file(block: dict[str, Any]) -> ContentPart | None:
    inner = block.get("file")
    if len(block) != 2 or not isinstance(inner, dict):
        return None
    if inner.keys() == {"file_id"} and isinstance(inner["file_id"], str):
        return UploadedFilePart(file_id=inner["file_id"], provider=PROVIDER)
    if inner.keys() != {"filename", "file_data"}:
        return None
    name, uri = inner["filename"], inner["file_data"]
    if not isinstance(name, str) or not isinstance(uri, str) or not (found := split_data_uri(uri)):
        return None
    # Text files are written as words, so this one would not come back as it was.
    if found[0].startswith("text/"):
        return None
    return DocumentPart(data=found[1], mime_type=found[0], name=name)


_READERS = {"text": _text, "image_url": _image, "input_audio": _audio, "file": _file}


def unwrapped_tools(raw: Any, where: str = "tools") -> list[dict[str, Any]]:
    """The functions of a record's ``tools``, with or without OpenAI's wrapping.

    Raises:
        ConfigurationError: If one is no object.
    """
    if not isinstance(raw, list):
        raise ConfigurationError(f"{where}: expected a list, not {shown(raw)}")
    return [_function(as_object(tool, f"{where}[{at}]")) for at, tool in enumerate(raw)]


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    if isinstance(tool.get("function"), dict):
        return dict(tool["function"])
    # The Responses API writes a function flat.
    flat = tool.get("type") == "function" and "name" in tool
    return {key: value for key, value in tool.items() if not (flat and key == "type")}
