"""Messages as chat templates of Hugging Face's transformers read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from racto.core.errors import ConfigurationError
from racto.finetune.media import (
    bytes_of,
    data_uri,
    guessed_type,
    image_at,
    medium,
    split_data_uri,
    text_of_document,
)
from racto.finetune.messages import RactoTrainingMessage, plain_message

from .answers import tool_answer
from .fields import as_object, list_in, optional_text, rest_of, shown, text_in
from .losses import Losses
from .openai_messages import text_block
from .openai_turns import decode_call

PROVIDER = "huggingface"
"""Name in parts that only chat templates understand."""

_KNOWN = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "reasoning_content"})
_PLAIN = frozenset({"system", "developer", "user", "assistant"})
_SOURCES = ("url", "base64", "image", "audio", "path")


def encode_turns(turns: Iterable[RactoTrainingMessage], losses: Losses) -> list[dict[str, Any]]:
    """The messages of a record; each tool's answer becomes a message of its own."""
    turns = list(turns)
    # Templates name the tool beside its answer.
    names = {call.id: call.name for turn in turns for call in turn.tool_calls if call.id}
    made: list[dict[str, Any]] = []
    for turn in turns:
        body = turn.body
        if type(body) is str and turn.weight is None is turn.name and not turn.extra:
            made.append({"role": turn.role, "content": body})
        else:
            made += _encode(turn, names, losses)
    return made


def _encode(
    turn: RactoTrainingMessage, names: dict[str, str], losses: Losses
) -> list[dict[str, Any]]:
    if turn.weight is not None:
        losses.lose("a message's weight", "trainers mask turns by their own settings")
    made = [_tool(result, names, losses) for result in turn.tool_results]
    if not made or len(made) < len(turn.parts):
        made.append(_message(turn, losses))
    if turn.name is not None:
        made[-1]["name"] = turn.name
    made[-1].update(turn.extra)
    return made


def _message(turn: RactoTrainingMessage, losses: Losses) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role}
    if isinstance(turn.body, str):
        return {**message, "content": turn.body}
    if thinking := [part.text for part in turn.body if isinstance(part, ReasoningPart)]:
        message["reasoning_content"] = "".join(thinking)
    blocks = [block for part in turn.body if (block := _block(part, losses)) is not None]
    message["content"] = _joined(blocks)
    if turn.tool_calls:
        message["tool_calls"] = [_call(call) for call in turn.tool_calls]
    return message


def _joined(blocks: list[dict[str, Any]]) -> Any:
    if not blocks:
        return ""
    return blocks[0]["text"] if len(blocks) == 1 and blocks[0]["type"] == "text" else blocks


def _call(call: ToolCallPart) -> dict[str, Any]:
    # Templates want an object; what is none stays the text that it was.
    arguments: Any = call.raw_arguments if call.is_malformed else call.arguments
    made = {"type": "function", "function": {"name": call.name, "arguments": arguments}}
    return {"id": call.id, **made} if call.id else made


def _tool(result: ToolResultPart, names: dict[str, str], losses: Losses) -> dict[str, Any]:
    content: Any = result.content
    if not isinstance(content, str):
        content = _joined([block for part in content if (block := _block(part, losses))])
    made = {"role": "tool"}
    if name := result.name or names.get(result.tool_call_id, ""):
        made["name"] = name
    if result.tool_call_id:
        made["tool_call_id"] = result.tool_call_id
    return {**made, "content": content}


def _block(part: Any, losses: Losses) -> dict[str, Any] | None:
    if isinstance(part, ToolCallPart | ToolResultPart | ReasoningPart):
        return None
    if isinstance(part, TextPart):
        return text_block(part, losses)
    if isinstance(part, ImagePart | AudioPart):
        source = {"url": part.url} if part.url is not None else {"base64": data_uri(part)}
        return {"type": part.type, **source}
    if isinstance(part, LinkPart | RefusalPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, ProviderPart) and part.provider == PROVIDER:
        return dict(part.data)
    if isinstance(part, DocumentPart) and (words := text_of_document(part)):
        return {"type": "text", "text": words.text}
    losses.lose(part.type, "its turns hold text, images, sounds and tool calls")
    return None


def decode_turns(raw: Sequence[Any], where: str, images: Any = None) -> list[RactoTrainingMessage]:
    """The turns of a list of messages.

    Args:
        raw: The messages.
        where: Names the list in a message.
        images: The record's column of images, whose entries stand for blocks without a source.

    Raises:
        ConfigurationError: If one has not the shape of a message.
    """
    column = iter(images if isinstance(images, list) else ())
    turns = []
    for number, message in enumerate(raw):
        place = f"{where}[{number}]"
        record = as_object(message, place)
        role, content = record.get("role"), record.get("content")
        if len(record) == 2 and type(content) is str and type(role) is str and role in _PLAIN:
            turns.append(plain_message(role, content))
        else:
            turns.append(_decode(record, place, column))
    return turns


def _decode(raw: dict[str, Any], where: str, column: Iterator[Any]) -> RactoTrainingMessage:
    role = text_in(raw, "role", where)
    parts: list[ContentPart] = []
    # Columns of Parquet are there in every row, and null in most.
    if thinking := optional_text(raw, "reasoning_content", where):
        parts.append(ReasoningPart(text=thinking))
    content = raw.get("content")
    if isinstance(content, str):
        said: list[ContentPart] = [TextPart(text=content)] if content else []
    else:
        said = _blocks(content, f"{where}.content", column)
    name = optional_text(raw, "name", where)
    if role == "tool":
        call = optional_text(raw, "tool_call_id", where) or ""
        answer = content if isinstance(content, str) else said
        parts = [tool_answer(answer, f"{where}.content", call=call, name=name or "")]
        name = None
    else:
        parts += said
    if raw.get("tool_calls") is not None:
        calls = list_in(raw, "tool_calls", where)
        parts += [decode_call(each, f"{where}.tool_calls[{at}]") for at, each in enumerate(calls)]
    known = _KNOWN if role == "tool" else _KNOWN - {"tool_call_id"}
    extra = {key: value for key, value in rest_of(raw, known).items() if value is not None}
    return RactoTrainingMessage(role, parts, name=name, extra=extra)


def _blocks(content: Any, where: str, column: Iterator[Any]) -> list[ContentPart]:
    if content is None:
        return []
    if not isinstance(content, list):
        raise ConfigurationError(f"{where}: expected a text or a list, not {shown(content)}")
    return [
        _part(as_object(block, f"{where}[{at}]"), f"{where}[{at}]", column)
        for at, block in enumerate(content)
    ]


def _part(block: dict[str, Any], where: str, column: Iterator[Any]) -> ContentPart:
    fields = {key: value for key, value in block.items() if value is not None}
    kind = fields.get("type")
    if kind == "text" and fields.keys() == {"type", "text"}:
        return TextPart(text=text_in(fields, "text", where))
    if kind in ("image", "audio"):
        source = next((fields[key] for key in _SOURCES if key in fields), None)
        if source is None and kind == "image":
            source = next(column, None)
        # More fields than a type and a source mean something that would be lost.
        if len(fields) <= 2 and (found := medium_of(source, str(kind))):
            return found
    return ProviderPart(provider=PROVIDER, data=block)


def medium_of(source: Any, kind: str) -> ContentPart | None:
    """The image or sound that a source stands for; None when it is none.

    Args:
        source: A URL, a ``data:`` URI, or what the Image feature of datasets holds: ``bytes`` and
            ``path``.
        kind: ``image`` or ``audio``.
    """
    if isinstance(source, dict):
        data, path = source.get("bytes"), str(source.get("path") or "")
        # JSON has no bytes; tables have.
        if isinstance(data, str):
            data = bytes_of(data)
        if not isinstance(data, bytes):
            return None
        guess = guessed_type(path)
        fallback = "image/png" if kind == "image" else "audio/wav"
        mime_type = guess if guess.startswith(f"{kind}/") else fallback
        return medium(mime_type, data=data, name=path.rpartition("/")[2])
    if not isinstance(source, str):
        return None
    if kind == "image":
        return image_at(source)
    inside = split_data_uri(source)
    if inside and inside[0].startswith("audio/"):
        return medium(inside[0], data=inside[1])
    guess = guessed_type(source)
    return medium(guess if guess.startswith("audio/") else "audio/wav", url=source)
