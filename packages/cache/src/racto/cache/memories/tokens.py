"""How many tokens a message takes, estimated without any model's vocabulary."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

from racto.core.content import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ImagePart,
    ProviderPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.messages import Message

MessageCounter: TypeAlias = Callable[[Message], int]
"""Counts the tokens of one message."""

_BYTES_A_TOKEN = 4
_FRAME = 4
_MEDIA = 1_000


def estimated_tokens(message: Message) -> int:
    """An estimate: four bytes of UTF-8 a token, four tokens for the frame, 1,000 for each medium.

    Source: the rule of thumb that the providers' documentation gives for English.
    """
    if isinstance(message.content, str):
        return _FRAME + _of(message.content)
    return _FRAME + sum(_cost(part) for part in message.content)


def _cost(part: ContentPart) -> int:
    if isinstance(part, ImagePart | AudioPart | DocumentPart | UploadedFilePart):
        return _MEDIA
    if isinstance(part, ToolCallPart):
        return _of(part.name + (part.raw_arguments or json.dumps(part.arguments, default=str)))
    if isinstance(part, ProviderPart):
        return _of(json.dumps(part.data, default=str))
    if isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        return sum(_cost(each) for each in part.content)
    return _of(part.text)


def _of(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)
