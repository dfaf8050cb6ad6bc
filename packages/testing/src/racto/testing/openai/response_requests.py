"""A Responses request: every field that the API documents, with its type and range."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict

from .response_content import InputFile, InputImage, InputText
from .response_items import Item
from .response_tools import Tool, ToolChoice
from .settings import (
    AnyJson,
    Effort,
    Metadata,
    Moderation,
    Plain,
    Retention,
    Share,
    Temperature,
    ToolName,
    TopLogprobs,
    UserId,
    Verbosity,
)

Includable: TypeAlias = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]
_Summary: TypeAlias = Literal["auto", "concise", "detailed"]


class SchemaFormat(Strict):
    """JSON of a given form."""

    type: Literal["json_schema"]
    name: ToolName
    schema_: dict[str, Any] = Field(alias="schema")
    description: Given[str] = None
    strict: bool | None = None


class TextConfig(Strict):
    """The form of the words."""

    format: Given[Annotated[Plain | SchemaFormat | AnyJson, Field(discriminator="type")]] = None
    verbosity: Verbosity | None = None


class Reasoning(Strict):
    """How the model thinks, and what of it is shown."""

    context: Literal["auto", "current_turn", "all_turns"] | None = None
    effort: Effort | None = None
    generate_summary: _Summary | None = None
    mode: Given[str] = None
    summary: _Summary | None = None


class ConversationId(Strict):
    """A stored conversation."""

    id: str


class Prompt(Strict):
    """A stored prompt and what fills its gaps."""

    id: str
    variables: dict[str, str | InputText | InputImage | InputFile] | None = None
    version: str | None = None


class StreamOptions(Strict):
    """What a stream tells beside the words."""

    include_obfuscation: Given[bool] = None


class CacheOptions(Strict):
    """How the prompt is cached."""

    comparison_response_id: str | None = None
    mode: Given[Literal["implicit", "explicit"]] = None
    prewarm: Given[bool] = None
    ttl: Given[Literal["30m", "12h"]] = None


class AccessPrograms(Strict):
    """Programs that open more to an account."""

    cyber: Given[Literal["standard", "daybreak_blue", "daybreak_red"]] = None


class BackgroundOptions(Strict):
    """When a response in the background is made."""

    completion_window: Given[Literal["soonest", "2h", "8h"]] = None
    continuation_id: Given[str] = None


class ContextManagement(Strict):
    """When the conversation is compacted."""

    type: str
    compact_threshold: int | None = None


class ImageConfig(Strict):
    """How images are read."""

    context_compression: Given[Literal["auto", "enabled", "disabled"]] = None


class _Conversation(Strict):
    input: Given[str | list[Item]] = None
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | ConversationId | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None

    @property
    def items(self) -> list[Any]:
        """The items of the input; none when it is mere words."""
        return self.input if isinstance(self.input, list) else []


class ResponseRequest(_Conversation):
    """The body of ``POST /responses``."""

    # A stored prompt may name it.
    model: Given[str] = None
    access_programs: Given[AccessPrograms] = None
    background: bool | None = None
    background_options: Given[BackgroundOptions] = None
    context_management: list[ContextManagement] | None = None
    image: Given[ImageConfig] = None
    include: list[Includable] | None = None
    # Sixteen is the least that the API takes.
    max_output_tokens: Annotated[int, Field(ge=16)] | None = None
    max_tool_calls: Annotated[int, Field(ge=1)] | None = None
    metadata: Metadata | None = None
    moderation: Moderation | None = None
    prompt: Prompt | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Given[CacheOptions] = None
    prompt_cache_retention: Retention | None = None
    safety_identifier: UserId | None = None
    service_tier: (
        Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"] | None
    ) = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    text: Given[TextConfig] = None
    tool_choice: Given[ToolChoice] = None
    tools: Given[Annotated[list[Tool], Field(max_length=128)]] = None
    top_logprobs: TopLogprobs | None = None
    top_p: Share | None = None
    truncation: Literal["auto", "disabled"] | None = None
    user: Given[str] = None


class TokenCountRequest(_Conversation):
    """The body of ``POST /responses/input_tokens``."""

    # Here null is allowed throughout, unlike in the request that it estimates.
    input: str | list[Item] | None = None
    model: str | None = None
    personality: Given[str] = None
    text: TextConfig | None = None
    tool_choice: ToolChoice | None = None
    tools: list[Tool] | None = None
    truncation: Given[Literal["auto", "disabled"]] = None
