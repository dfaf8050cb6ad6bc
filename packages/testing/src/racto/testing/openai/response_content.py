"""What stands inside the items of a Responses request: input of the user, output of the model."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict

from .content import CacheBreakpoint

Detail: TypeAlias = Literal["auto", "low", "high", "original"]


class _Input(Strict):
    prompt_cache_breakpoint: Given[CacheBreakpoint] = None


class InputText(_Input):
    """A part of words."""

    type: Literal["input_text"]
    text: str


class InputImage(_Input):
    """An image: uploaded before, at a URL, or here as a data URL."""

    type: Literal["input_image"]
    # The client's types ask for it, the API does not.
    detail: Detail | None = None
    file_id: str | None = None
    image_url: str | None = None


class InputFile(_Input):
    """A file: uploaded before, at a URL, or here as a data URL."""

    type: Literal["input_file"]
    detail: Given[Literal["auto", "low", "high"]] = None
    file_data: Given[str] = None
    file_id: str | None = None
    file_url: Given[str] = None
    filename: Given[str] = None


class OutputText(Strict):
    """What the model said."""

    type: Literal["output_text"]
    text: str
    # Replies always have these two; a client may send the bare words back.
    annotations: list[dict[str, Any]] = Field(default_factory=list)
    logprobs: list[dict[str, Any]] = Field(default_factory=list)


class Refusal(Strict):
    """The model's words for why it would not answer."""

    type: Literal["refusal"]
    refusal: str


class SummaryText(Strict):
    """A part of the summary of the model's thinking."""

    type: Literal["summary_text"]
    text: str


class ReasoningText(Strict):
    """A part of the model's thinking itself."""

    type: Literal["reasoning_text"]
    text: str


class _OutputInput(Strict):
    prompt_cache_breakpoint: CacheBreakpoint | None = None


# In the output of a function the API takes null where it takes none in a message.
class FunctionOutputText(_OutputInput):
    """A part of words that a function gave."""

    type: Literal["input_text"]
    text: str


class FunctionOutputImage(_OutputInput):
    """An image that a function gave."""

    type: Literal["input_image"]
    detail: Detail | None = None
    file_id: str | None = None
    image_url: str | None = None


class FunctionOutputFile(_OutputInput):
    """A file that a function gave."""

    type: Literal["input_file"]
    detail: Given[Literal["auto", "low", "high"]] = None
    file_data: str | None = None
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None


FunctionOutputPart: TypeAlias = Annotated[
    FunctionOutputText | FunctionOutputImage | FunctionOutputFile, Field(discriminator="type")
]
InputPart: TypeAlias = Annotated[InputText | InputImage | InputFile, Field(discriminator="type")]
OutputPart: TypeAlias = Annotated[OutputText | Refusal, Field(discriminator="type")]
