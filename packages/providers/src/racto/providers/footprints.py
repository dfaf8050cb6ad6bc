"""How many tokens each part of a request takes: turns, tools, schemas, images and files.

What wraps a turn, and what an image or a file takes, differs by provider and model; the numbers
here are on the high side of what the providers document. Counts of turns and tools are remembered
for as long as these live, so that a growing conversation is counted once.
"""

from __future__ import annotations

import json
import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from racto.core.content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    ProviderPart,
    ReasoningPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.messages import Message
from racto.core.schemas import type_schema
from racto.core.tools import ToolRegistry, ToolSchema

TURN = 4
"""Tokens that wrap a turn."""

REPLY = 3
"""Tokens that open the model's own turn."""

TOOL = 10
"""Tokens that wrap the description of a tool."""

IMAGE = 1600
"""Tokens of an image at high detail; about the most that most models make of one."""

IMAGE_LOW = 100
"""Tokens of an image that is sent at low detail."""

PAGE = 2500
"""Tokens of a page of a PDF, which providers read as text and as an image."""

BYTES_A_PAGE = 100_000
BYTES_A_SOUND_TOKEN = 500
UNSEEN = 5000
"""Tokens of a file that is given by its URL or id, so that nobody knows its size."""

T = TypeVar("T")

_PDF_PAGE = re.compile(rb"/Type\s*/Page\b")
_TEXTS_REMEMBERED = 64


class Footprints:
    """Counts the parts of requests for one kind of model; safe to share between threads.

    Args:
        count: Counts the tokens of a text.
    """

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._texts: dict[str, int] = {}
        self._known: dict[int, int] = {}
        self._alive: dict[int, weakref.ref[Any]] = {}

    def text(self, text: str) -> int:
        """Tokens of a text that comes again with every request, such as a system prompt."""
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) >= _TEXTS_REMEMBERED:
                self._texts.clear()
            found = self._texts[text] = self._count(text)
        return found

    def turns(self, messages: Sequence[Message]) -> list[int]:
        """Tokens of each turn, with what wraps it."""
        try:
            # Nearly always all are known; asking one by one would triple the time.
            return [self._known[id(message)] for message in messages]
        except KeyError:
            return [self._remembered(message, self.turn) for message in messages]

    def turn(self, message: Message) -> int:
        """Tokens of one turn, counted anew."""
        if isinstance(message.content, str):
            return TURN + self._count(message.content)
        return TURN + sum(map(self._part, message.content))

    def tools(self, tools: ToolRegistry | None) -> int:
        """Tokens of the descriptions of all tools."""
        return sum(self._remembered(schema, self._tool) for schema in tools or ())

    def schema(self, model: type[BaseModel] | None) -> int:
        """Tokens of the JSON Schema that a reply must satisfy."""
        return 0 if model is None else self._remembered(model, self._schema)

    def _tool(self, tool: ToolSchema) -> int:
        schema = tool.json_schema or tool.to_json_schema()
        return TOOL + self._count(f"{tool.name} {tool.description} {_json(schema)}")

    def _schema(self, model: type[BaseModel]) -> int:
        return TOOL + self._count(_json(type_schema(model)))

    def _remembered(self, thing: T, count: Callable[[T], int]) -> int:
        key = id(thing)
        found = self._known.get(key)
        if found is None:
            found = count(thing)
            # Forgotten before its number can belong to another object.
            self._alive[key] = weakref.ref(thing, lambda _: self._forget(key))
            self._known[key] = found
        return found

    def _forget(self, key: int) -> None:
        self._known.pop(key, None)
        self._alive.pop(key, None)

    def _part(self, part: Any) -> int:
        if isinstance(part, ToolResultPart):
            inner = (part.content,) if isinstance(part.content, str) else part.content
            return TURN + sum(
                self._count(each) if isinstance(each, str) else self._part(each) for each in inner
            )
        if isinstance(part, ToolCallPart):
            sent = _json(part.arguments) if part.raw_arguments is None else part.raw_arguments
            return TURN + self._count(part.name) + self._count(sent)
        if isinstance(part, ProviderPart):
            return self._count(_json(part.data))
        if isinstance(part, ReasoningPart):
            # Hidden thinking is read again too; its seal is about as long as it was.
            return self._count(part.text or part.signature or "")
        if isinstance(part, (ImagePart, DocumentPart, AudioPart, UploadedFilePart)):
            return _media(part)
        return self._count(part.text)


def _media(part: ImagePart | DocumentPart | AudioPart | UploadedFilePart) -> int:
    if isinstance(part, ImagePart):
        return IMAGE_LOW if part.detail == "low" else IMAGE
    if isinstance(part, UploadedFilePart) or part.data is None:
        return UNSEEN
    if isinstance(part, AudioPart):
        return TURN + len(part.data) // BYTES_A_SOUND_TOKEN
    # Newer PDFs pack their page list away, so their size has a say too.
    pages = len(_PDF_PAGE.findall(part.data))
    return PAGE * max(pages, 1 + len(part.data) // BYTES_A_PAGE)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
