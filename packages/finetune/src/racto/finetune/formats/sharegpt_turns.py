"""Turns of ShareGPT files: who speaks in ``from``, what in ``value``, images beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from racto.core.content import (
    ContentPart,
    DocumentPart,
    ImagePart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.core.errors import ConfigurationError
from racto.finetune.media import source_of, text_of_document
from racto.finetune.messages import RactoTrainingMessage, plain_message

from .conversational_turns import medium_of
from .fields import rest_of, text_in
from .losses import Losses

MARK = "<image>"
"""Stands in a text where an image belongs."""

_SPEAKERS = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    # Older collections name the model that spoke.
    "chatgpt": "assistant",
    "assistant": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "model": "assistant",
    "system": "system",
    "observation": "tool",
    "tool": "tool",
    "function_response": "tool",
}
_WRITTEN = {"user": "human", "assistant": "gpt", "system": "system", "developer": "system"}


class Pictures:
    """The column of images of one record, taken or filled as its turns come by.

    Args:
        sources: What the column holds.
        are_used: Whether marks in texts stand for images.
    """

    def __init__(self, sources: list[Any], *, are_used: bool) -> None:
        self.sources = sources
        self.are_used = are_used
        self._next = 0

    @classmethod
    def of(cls, turns: Iterable[RactoTrainingMessage]) -> Pictures:
        """An empty column for turns that are written."""
        media = (part for turn in turns for part in turn.media)
        return cls([], are_used=any(isinstance(part, ImagePart) for part in media))

    @classmethod
    def from_column(cls, column: Any) -> Pictures:
        """A column that was read."""
        sources = column if isinstance(column, list) else []
        return cls(list(sources), are_used=bool(sources))

    def take(self, where: str) -> ContentPart:
        """The image of the next mark.

        Raises:
            ConfigurationError: If there are more marks than images, or one is no image.
        """
        if self._next >= len(self.sources):
            raise ConfigurationError(
                f"{where}.value: more {MARK} marks than the {len(self.sources)} images"
            )
        self._next += 1
        # Paths are resolved by whoever knows the folder; here they are no images.
        found = medium_of(self.sources[self._next - 1], "image")
        if found is None:
            raise ConfigurationError(f"images[{self._next - 1}]: expected a URL or an image")
        return found


def encode_turns(
    turns: Iterable[RactoTrainingMessage], pictures: Pictures, losses: Losses
) -> list[dict[str, str]]:
    """The ``conversations`` of a record."""
    made: list[dict[str, str]] = []
    for turn in turns:
        for name in ("name", "weight"):
            if getattr(turn, name) is not None:
                losses.lose(f"a message's {name}", "a turn holds a speaker and a text")
        made += _encode(turn, pictures, losses)
        for key, value in turn.extra.items():
            made[-1][key] = value
    return made


def _encode(turn: RactoTrainingMessage, pictures: Pictures, losses: Losses) -> list[dict[str, str]]:
    speaker = _WRITTEN.get(turn.role, turn.role)
    if isinstance(turn.body, str):
        value = _marked_text(turn.body, pictures, losses)
        return [{"from": "observation" if turn.role == "tool" else speaker, "value": value}]
    made: list[dict[str, str]] = []
    words = [_words(part, pictures, losses) for part in turn.body]
    if any(words) or not (turn.tool_calls or turn.tool_results):
        made.append({"from": speaker, "value": "".join(words)})
    if turn.tool_calls:
        if made:
            losses.lose("words beside tool calls", "a turn is either words or calls")
            made.clear()
        made.append({"from": "function_call", "value": _calls(turn.tool_calls)})
    made += [{"from": "observation", "value": _answer(each, losses)} for each in turn.tool_results]
    return made


def _words(part: Any, pictures: Pictures, losses: Losses) -> str:
    if isinstance(part, TextPart | RefusalPart):
        return _marked_text(part.text, pictures, losses)
    if isinstance(part, ImagePart):
        pictures.sources.append(source_of(part))
        return MARK
    if isinstance(part, ToolCallPart | ToolResultPart):
        return ""
    if isinstance(part, DocumentPart) and (words := text_of_document(part)):
        return _marked_text(words.text, pictures, losses)
    losses.lose(part.type, "its turns hold text, images and tool calls")
    return ""


def _marked_text(text: str, pictures: Pictures, losses: Losses) -> str:
    if pictures.are_used and MARK in text:
        losses.lose(f"the text {MARK}", "beside images it stands for one")
        return text.replace(MARK, "")
    return text


def _answer(result: ToolResultPart, losses: Losses) -> str:
    if not isinstance(result.content, str) and any(
        part.type not in ("text", "link") for part in result.content
    ):
        losses.lose("media in a tool result", "an observation is a text")
    return result.text


def _calls(calls: Iterable[ToolCallPart]) -> str:
    made = [
        {
            "name": call.name,
            "arguments": call.raw_arguments if call.is_malformed else call.arguments,
        }
        for call in calls
    ]
    return json.dumps(made[0] if len(made) == 1 else made, ensure_ascii=False, allow_nan=False)


def decode_turn(raw: dict[str, Any], where: str, pictures: Pictures) -> RactoTrainingMessage:
    """One turn; one with other keys than ``from`` and ``value`` keeps them.

    Raises:
        ConfigurationError: If it has not the shape of a turn.
    """
    # Newer files use the names of OpenAI's messages.
    who, what = ("from", "value") if "from" in raw else ("role", "content")
    speaker, text = text_in(raw, who, where), text_in(raw, what, where)
    extra = rest_of(raw, frozenset({who, what}))
    if speaker == "function_call":
        return RactoTrainingMessage("assistant", _read_calls(text, where), extra=extra)
    role = _SPEAKERS.get(speaker, speaker)
    if role == "tool":
        answer = ToolResultPart(tool_call_id="", content=text)
        return RactoTrainingMessage(role, (answer,), extra=extra)
    if pictures.are_used and MARK in text:
        return RactoTrainingMessage(role, _unmarked(text, where, pictures), extra=extra)
    return RactoTrainingMessage(role, text, extra=extra) if extra else plain_message(role, text)


def _unmarked(text: str, where: str, pictures: Pictures) -> list[ContentPart]:
    # Marks stand where the image belongs, in the middle of a text too.
    pieces = re.split(f"({re.escape(MARK)})", text)
    return [
        pictures.take(where) if piece == MARK else TextPart(text=piece) for piece in pieces if piece
    ]


def _read_calls(text: str, where: str) -> list[ContentPart]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{where}.value: a function call that is no JSON") from error
    # Several calls at once are a list, one is an object.
    calls = found if isinstance(found, list) else [found]
    made: list[ContentPart] = []
    for call in calls:
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            raise ConfigurationError(f"{where}.value: a function call needs name and arguments")
        given = call.get("arguments", call.get("parameters", {}))
        if isinstance(given, dict):
            made.append(ToolCallPart(name=call["name"], arguments=given))
        else:
            made.append(ToolCallPart(name=call["name"], raw_arguments=str(given)))
    return made
