"""What stands inside the messages of a chat request: text, images, sound, files and tool calls."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict


class CacheBreakpoint(Strict):
    """Where a cached prompt may end."""

    mode: Literal["explicit"]
    ttl: Given[Literal["30m", "12h"]] = None


class _Part(Strict):
    prompt_cache_breakpoint: Given[CacheBreakpoint] = None


class TextPart(_Part):
    """A part of words."""

    type: Literal["text"]
    text: str


class ImageUrl(Strict):
    """Where an image is, or the image itself as a data URL."""

    url: str
    detail: Given[Literal["auto", "low", "high", "original"]] = None


class ImagePart(_Part):
    """A part that shows an image."""

    type: Literal["image_url"]
    image_url: ImageUrl


class Sound(Strict):
    """Sound in base64."""

    data: str
    format: Literal["wav", "mp3"]


class SoundPart(_Part):
    """A part that is heard."""

    type: Literal["input_audio"]
    input_audio: Sound


class FileSource(Strict):
    """A file: uploaded before, or here as a data URL."""

    file_id: Given[str] = None
    file_data: Given[str] = None
    filename: Given[str] = None


class FilePart(_Part):
    """A part that hands over a file."""

    type: Literal["file"]
    file: FileSource


class RefusalPart(Strict):
    """The model's words for why it would not answer."""

    type: Literal["refusal"]
    refusal: str


UserPart: TypeAlias = Annotated[
    TextPart | ImagePart | SoundPart | FilePart, Field(discriminator="type")
]
AssistantPart: TypeAlias = Annotated[TextPart | RefusalPart, Field(discriminator="type")]
Texts: TypeAlias = Annotated[list[TextPart], Field(min_length=1)]

# Responses gives and takes longer ids: a history that moves from there may be refused here.
CallId: TypeAlias = Annotated[str, Field(max_length=40)]
"""The id of a call; OpenAI's own have 29 characters."""


class CalledFunction(Strict):
    """A function and its arguments, as the model wrote them."""

    name: str
    arguments: str


class FunctionCall(Strict):
    """A call of a function."""

    id: CallId
    type: Literal["function"]
    function: CalledFunction


class CalledCustom(Strict):
    """A custom tool and its input."""

    name: str
    input: str


class CustomCall(Strict):
    """A call of a custom tool."""

    id: CallId
    type: Literal["custom"]
    custom: CalledCustom


AnyCall: TypeAlias = Annotated[FunctionCall | CustomCall, Field(discriminator="type")]
