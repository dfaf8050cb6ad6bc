"""What Anthropic's endpoints take: every documented field with its type, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from racto.testing.fields import Given, Strict

from .blocks import Block, CacheControl, TextBlock, as_blocks
from .tools import Tool, ToolChoice

LARGEST_BODY = 32 * 1024 * 1024
"""Most bytes of a request, batches apart."""

BETA_FIELDS = frozenset(
    {
        "billing_policy",
        "compaction",
        "context_management",
        "fallback_credit_token",
        "fallbacks",
        "mcp_servers",
        "thread",
    }
)
"""Fields that only requests with an ``anthropic-beta`` header may have; not looked into."""


class Message(Strict):
    """One turn of the conversation."""

    # A system prompt may also come in mid-conversation; where, is for the rules to say.
    role: Literal["user", "assistant", "system"]
    content: Annotated[list[Block], BeforeValidator(as_blocks)]


class AdaptiveThinking(Strict):
    """The model decides how much to think."""

    type: Literal["adaptive"]
    display: Literal["summarized", "omitted"] | None = None


class EnabledThinking(Strict):
    """The model thinks within a budget."""

    type: Literal["enabled"]
    # That it lies below ``max_tokens`` is told elsewhere, with words of its own.
    budget_tokens: Annotated[int, Field(ge=1024)]
    display: Literal["summarized", "omitted"] | None = None


class PlainThinking(Strict):
    """The model does not think, or only between its tool calls."""

    type: Literal["disabled", "between_tools"]


Thinking: TypeAlias = Annotated[
    AdaptiveThinking | EnabledThinking | PlainThinking, Field(discriminator="type")
]


class JSONFormat(Strict):
    """A schema that the reply's text must keep."""

    type: Literal["json_schema"]
    # Not called ``schema``, which is a method of every model.
    json_schema: Annotated[dict[str, Any], Field(alias="schema")]


class OutputConfig(Strict):
    """How the reply shall look."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JSONFormat | None = None


class Metadata(Strict):
    """Who asks, told to the provider."""

    user_id: Annotated[str, Field(max_length=256)] | None = None


class Container(Strict):
    """Where code runs."""

    id: str | None = None
    skills: list[dict[str, Any]] | None = None


class Diagnostics(Strict):
    """What to explain about the prompt cache."""

    previous_message_id: str | None = None


class _Conversation(Strict):
    model: Annotated[str, Field(min_length=1, max_length=256)]
    messages: Annotated[list[Message], Field(max_length=100_000)]
    cache_control: CacheControl | None = None
    output_config: Given[OutputConfig] = None
    speed: Literal["standard", "fast"] | None = None
    system: Annotated[Given[list[TextBlock]], BeforeValidator(as_blocks)] = None
    thinking: Given[Thinking] = None
    tool_choice: Given[ToolChoice] = None
    tools: Given[list[Tool]] = None

    @property
    def strict_schemas(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The schemas that the model is held to, each with its place in the request."""
        if self.output_config and self.output_config.format:
            yield "output_config.format.schema", self.output_config.format.json_schema
        for number, tool in enumerate(self.tools or ()):
            if tool.type == "custom" and tool.strict:
                # Not dumped, which goes no deeper than some 250 levels.
                schema = {
                    k: v for k, v in tool.input_schema if k in tool.input_schema.model_fields_set
                }
                yield f"tools.{number}.custom", schema


class CountRequest(_Conversation):
    """What ``/v1/messages/count_tokens`` takes."""


class MessageRequest(_Conversation):
    """What ``/v1/messages`` takes since API version 2026-10-21."""

    # Nought warms the cache and says nothing.
    max_tokens: Annotated[int, Field(ge=0)]
    container: Container | str | None = None
    diagnostics: Diagnostics | None = None
    inference_geo: str | None = None
    metadata: Given[Metadata] = None
    service_tier: Given[Literal["auto", "standard_only"]] = None
    stop_sequences: Given[list[Annotated[str, Field(min_length=1)]]] = None
    stream: Given[bool] = None


class OldMessageRequest(MessageRequest):
    """What ``/v1/messages`` took in API version 2023-06-01: sampling, too."""

    temperature: Given[Annotated[float, Field(ge=0, le=1)]] = None
    top_k: Given[Annotated[int, Field(ge=0)]] = None
    top_p: Given[Annotated[float, Field(ge=0, le=1)]] = None


class BatchItem(Strict):
    """One request of a batch; its parameters are looked at when it is its turn."""

    custom_id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    params: dict[str, Any]


class BatchRequest(Strict):
    """What ``/v1/messages/batches`` takes."""

    requests: Annotated[list[BatchItem], Field(min_length=1, max_length=100_000)]


class PageQuery(Strict):
    """How a list is cut into pages."""

    after_id: str | None = None
    before_id: str | None = None
    # A query has no numbers, only digits.
    limit: Annotated[int, Field(ge=1, le=1000, strict=False)] = 20
