"""What a model answered: one envelope for all providers, with nothing dropped."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from .content import ContentPart, ToolCallResult
from .logprobs import TokenLogprob
from .messages import Message, MessageRole
from .usage import Usage


class FinishReason(StrEnum):
    """Why the model stopped generating.

    ``pause`` asks to be continued with the same conversation; ``unknown`` is a reason that the
    provider gave and racto does not know, kept in ``LLMResponse.raw_finish_reason``.
    """

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALL = "tool_call"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSE = "pause"
    CONTEXT_OVERFLOW = "context_overflow"
    CANCELLED = "cancelled"
    ERROR = "error"
    UNKNOWN = "unknown"

    @property
    def is_complete(self) -> bool:
        """Whether the reply is whole: fit to be cached, judged or trusted."""
        return self in (FinishReason.STOP, FinishReason.TOOL_CALL)


class LLMResponse(BaseModel):
    """A provider-agnostic reply.

    ``content`` is exactly what the model wrote; JSON found in it stands in ``parsed`` beside it
    (the reference package strips everything outside a code fence).

    Attributes:
        content: The reply's text; None when there is none (a bare tool call, a refusal).
        thinking: Readable reasoning, when the model shows it.
        parsed: The reply as a JSON object or array, when a structured reply was asked for.
        tool_calls: Tools that the model wants to be run.
        finish_reason: Why it stopped.
        usage: Tokens and cost of this call; of all calls, when a kit had to repeat.
        raw: The provider's reply as the SDK or the wire gave it; not part of the JSON.
        parts: The reply as typed parts in their order, fit for the next turn's history.
        refusal: The model's words for why it will not answer.
        logprobs: How sure the model was of each token of ``content``, when it was asked; None when
            the provider does not tell.
        provider: Name of the provider that answered.
        model: Model that answered, as the provider names it.
        request_id: The provider's id of the request.
        response_id: The provider's id of the response.
        raw_finish_reason: The provider's own word for ``finish_reason``.
        dropped: Request fields that were not sent because ``on_unsupported`` allowed it.
        cached: Whether the reply came from racto's cache instead of the provider.
        attempts: Requests it took to get it: 1 plus retries.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        defer_build=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    content: str | None = None
    thinking: str | None = None
    # Data rather than a model's instance: reading the JSON again gives the same.
    parsed: dict[str, Any] | list[Any] | None = None
    tool_calls: list[ToolCallResult] = Field(default_factory=list)
    finish_reason: FinishReason = FinishReason.STOP
    usage: Usage = Field(default_factory=Usage)
    # SDK objects are no JSON, and may print headers.
    raw: Any = Field(default=None, exclude=True, repr=False)
    parts: tuple[ContentPart, ...] = ()
    refusal: str | None = None
    logprobs: tuple[TokenLogprob, ...] | None = None
    provider: str = ""
    model: str = ""
    request_id: str | None = None
    response_id: str | None = None
    raw_finish_reason: str | None = None
    dropped: tuple[str, ...] = ()
    cached: bool = False
    attempts: int = 1

    @property
    def message(self) -> Message:
        """The reply as an assistant turn for the next request's history."""
        if self.parts:
            return Message(role=MessageRole.ASSISTANT, content=self.parts)
        return Message.assistant(self.content or "", tool_calls=self.tool_calls)

    @property
    def cost(self) -> float | None:
        """Price of the reply in ``usage.currency``; None when unknown."""
        return self.usage.cost
