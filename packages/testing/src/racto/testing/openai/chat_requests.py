"""A chat request: every field that the API documents, with its type and range."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict

from .chat_tools import AnyTool, ToolChoice
from .content import Texts
from .messages import AnyMessage
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

_Penalty: TypeAlias = Annotated[float, Field(ge=-2, le=2)]
_Bias: TypeAlias = Annotated[int, Field(ge=-100, le=100)]
# A seed that does not fit into 64 bits is refused by the API's parser.
_Int64: TypeAlias = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]


class JsonSchema(Strict):
    """A schema that the reply must keep."""

    name: ToolName
    description: Given[str] = None
    # Optional in the documentation, and yet asked for by the API.
    schema_: Given[dict[str, Any]] = Field(default=None, alias="schema")
    strict: bool | None = None


class SchemaFormat(Strict):
    """JSON of a given form."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


class StreamOptions(Strict):
    """What a stream tells beside the words."""

    include_usage: Given[bool] = None
    include_obfuscation: Given[bool] = None


class VoiceId(Strict):
    """A voice of one's own."""

    id: str


class Audio(Strict):
    """How a spoken reply sounds."""

    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]
    voice: str | VoiceId


class Prediction(Strict):
    """What the reply will mostly be."""

    type: Literal["content"]
    content: str | Texts


class CacheOptions(Strict):
    """How the prompt is cached."""

    mode: Given[Literal["implicit", "explicit"]] = None
    ttl: Given[Literal["30m"]] = None


class Place(Strict):
    """Roughly where the user is."""

    city: Given[str] = None
    country: Given[str] = None
    region: Given[str] = None
    timezone: Given[str] = None


class UserLocation(Strict):
    """Roughly where the user is."""

    type: Literal["approximate"]
    approximate: Place


class WebSearchOptions(Strict):
    """How the web is searched."""

    search_context_size: Given[Literal["low", "medium", "high"]] = None
    user_location: UserLocation | None = None


class FormerFunction(Strict):
    """A function, before there were tools."""

    name: ToolName
    description: Given[str] = None
    parameters: Given[dict[str, Any]] = None


class FormerChoice(Strict):
    """This function, before there were tools."""

    name: str


class ChatRequest(Strict):
    """The body of ``POST /chat/completions``."""

    model: str
    messages: Annotated[list[AnyMessage], Field(min_length=1)]
    audio: Audio | None = None
    frequency_penalty: _Penalty | None = None
    function_call: Given[Literal["none", "auto"] | FormerChoice] = None
    # Deprecated since there are tools, and still taken.
    functions: Given[Annotated[list[FormerFunction], Field(min_length=1, max_length=128)]] = None
    logit_bias: dict[str, _Bias] | None = None
    logprobs: bool | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    metadata: Metadata | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    moderation: Moderation | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    parallel_tool_calls: Given[bool] = None
    prediction: Prediction | None = None
    presence_penalty: _Penalty | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Given[CacheOptions] = None
    prompt_cache_retention: Retention | None = None
    reasoning_effort: Effort | None = None
    response_format: Given[
        Annotated[Plain | AnyJson | SchemaFormat, Field(discriminator="type")]
    ] = None
    safety_identifier: UserId | None = None
    seed: _Int64 | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    stop: str | Annotated[list[str], Field(min_length=1, max_length=4)] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    tool_choice: Given[ToolChoice] = None
    tools: Given[Annotated[list[AnyTool], Field(min_length=1, max_length=128)]] = None
    top_logprobs: TopLogprobs | None = None
    top_p: Share | None = None
    user: Given[str] = None
    verbosity: Verbosity | None = None
    web_search_options: Given[WebSearchOptions] = None
