"""Messages of a conversation in the shape of Ollama's chat API."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from racto.core.content import (
    ImagePart,
    LinkPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.core.messages import Message, MessageRole
from racto.providers.kits.omissions import Omissions

from .connection import PROVIDER
from .identity import is_made_here

_REFUSED = {
    "document": "it takes images and text; extract the document's text first",
    "audio": "it takes images and text; transcribe the sound first",
    "uploaded_file": "it keeps no files; send the bytes",
}


def encode_messages(messages: Sequence[Message], omissions: Omissions) -> list[dict[str, Any]]:
    """The ``messages`` of a request; each tool's answer becomes a message of its own.

    Args:
        messages: The conversation.
        omissions: Takes what the API cannot carry.
    """
    encoded: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for message in messages:
        if message.name:
            omissions.omit("name", "its messages do not tell speakers apart; say it in the text")
        if message.role is MessageRole.TOOL:
            encoded.extend(_tool_messages(message, names, omissions))
        elif message.role is MessageRole.ASSISTANT:
            encoded.append(_assistant(message, omissions))
            names.update((call.id, call.name) for call in message.tool_calls)
        else:
            encoded.append(_spoken(message, omissions))
    return encoded


def _spoken(message: Message, omissions: Omissions) -> dict[str, Any]:
    """A turn of the user, or system text; images stand before the words, whatever their place."""
    words: list[str] = []
    images: list[str] = []
    for part in message.parts:
        if isinstance(part, (TextPart, LinkPart)):
            words.append(part.text)
            _check_mark(part, omissions)
        elif isinstance(part, ImagePart) and part.data is not None:
            images.append(base64.b64encode(part.data).decode("ascii"))
        elif isinstance(part, ImagePart):
            omissions.omit("image by URL", "it fetches nothing; send the image's bytes")
        else:
            why = _REFUSED.get(part.type, "a user's turn takes images and text")
            omissions.omit(part.type, why)
    turn: dict[str, Any] = {"role": message.role.value, "content": _joined(words)}
    if images:
        turn["images"] = images
    return turn


def _joined(words: Sequence[str]) -> str:
    """The parts of a turn as one text; a file must not run into the question after it."""
    text = ""
    for piece in words:
        is_apart = not text or text[-1:].isspace() or piece[:1].isspace()
        text += piece if is_apart else f"\n\n{piece}"
    return text


def _assistant(message: Message, omissions: Omissions) -> dict[str, Any]:
    words: list[str] = []
    thoughts: list[str] = []
    calls: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, (TextPart, RefusalPart)):
            words.append(part.text)
            _check_mark(part, omissions)
        elif isinstance(part, ToolCallPart):
            calls.append(_call(part))
        elif isinstance(part, ReasoningPart):
            # Another provider's thinking is no loss to the user, and is nothing to this model.
            thoughts += [part.text] if part.provider == PROVIDER else []
        elif part.type != "provider":
            omissions.omit(part.type, "an assistant's turn in the history takes text only")
    turn: dict[str, Any] = {"role": "assistant", "content": "".join(words)}
    if any(thoughts):
        turn["thinking"] = "".join(thoughts)
    if calls:
        turn["tool_calls"] = calls
    return turn


def _call(part: ToolCallPart) -> dict[str, Any]:
    # Malformed arguments have no place here; the tool's answer tells the model what was wrong.
    call: dict[str, Any] = {"function": {"name": part.name, "arguments": part.arguments}}
    return call if is_made_here(part.id) else {"id": part.id, **call}


def _tool_messages(
    message: Message, names: dict[str, str], omissions: Omissions
) -> Iterable[dict[str, Any]]:
    for part in message.parts:
        if not isinstance(part, ToolResultPart):
            omissions.omit(part.type, "a tool's turn holds tool results only")
            continue
        for inner in () if isinstance(part.content, str) else part.content:
            _check_mark(inner, omissions)
            if not isinstance(inner, (TextPart, LinkPart)):
                omissions.omit(f"tool result of type {inner.type}", "tools answer with text here")
        turn = {"role": "tool", "content": part.text}
        # The name is how older servers match an answer to its call.
        name = part.name or names.get(part.tool_call_id)
        if name:
            turn["tool_name"] = name
        if not is_made_here(part.tool_call_id):
            turn["tool_call_id"] = part.tool_call_id
        yield turn


def _check_mark(part: Any, omissions: Omissions) -> None:
    if isinstance(part, TextPart) and part.cache:
        omissions.omit("cache", "it caches prompts by itself, and takes no marks")
