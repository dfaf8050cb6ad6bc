"""Replies as Anthropic's messages: content blocks, stop reasons and usage."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.testing.replies import Reply, ToolCall

from .requests import MessageRequest
from .thinking import Seals

_STOP_REASONS: Mapping[FinishReason, str] = {
    FinishReason.STOP: "end_turn",
    FinishReason.LENGTH: "max_tokens",
    FinishReason.TOOL_CALL: "tool_use",
    FinishReason.CONTENT_FILTER: "refusal",
    FinishReason.REFUSAL: "refusal",
    FinishReason.PAUSE: "pause_turn",
    FinishReason.CONTEXT_OVERFLOW: "model_context_window_exceeded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reply and what the server adds to it.

    Attributes:
        reply: What the model says.
        request: What was asked.
        message_id: Id of the message.
        seals: Signs the thinking.
        tier: Service tier to report.
    """

    reply: Reply
    request: MessageRequest
    message_id: str
    seals: Seals
    tier: str = "standard"

    # Whole and streamed replies take all they have in common from here, so that they agree.

    @property
    def is_silent(self) -> bool:
        """Whether only a cache was to be warmed: ``max_tokens`` of 0."""
        return self.request.max_tokens == 0

    @property
    def thinking(self) -> str | None:
        """The thinking as it is shown; None when there is none."""
        if not self.reply.thoughts or self.is_silent:
            return None
        # Not every kind of thinking has a say in how it is shown.
        hidden = getattr(self.request.thinking, "display", None) == "omitted"
        return "" if hidden else "".join(self.reply.thoughts)

    def head(self) -> dict[str, Any]:
        """The message before any of it was said, as a stream begins."""
        message: dict[str, Any] = {
            "id": self.message_id,
            "type": "message",
            "role": "assistant",
            "model": self.reply.model or self.request.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
        }
        if self.reply.usage is not None:
            # The real API has made a token or so when it begins to answer.
            begun = min(1, self.reply.usage.output_tokens)
            message["usage"] = {**_input_usage(self.reply.usage), "output_tokens": begun}
            message["usage"]["service_tier"] = self.tier
        return message

    def ending(self) -> dict[str, Any]:
        """Why it stops, as a stream's ``message_delta`` says it."""
        reply = self.reply
        reason = reply.raw_finish or _STOP_REASONS.get(reply.outcome, str(reply.outcome))
        if self.is_silent:
            reason = "max_tokens"
        told: dict[str, Any] = {"stop_reason": reason, "stop_sequence": None, "stop_details": None}
        # The script does not say which one was met.
        if reason == "stop_sequence" and self.request.stop_sequences:
            told["stop_sequence"] = self.request.stop_sequences[0]
        if reason == "refusal":
            details = {"type": "refusal", "category": None, "explanation": reply.refusal}
            return {**told, "stop_details": details}
        return told

    def usage(self) -> dict[str, Any] | None:
        """The tokens of the whole message; None when the reply reports none."""
        usage = self.reply.usage
        if usage is None:
            return None
        made = 0 if self.is_silent else usage.output_tokens
        thought = 0 if self.is_silent else usage.reasoning_tokens
        return {
            **_input_usage(usage),
            "output_tokens": made,
            "output_tokens_details": {"thinking_tokens": thought},
        }


def message(told: Told) -> dict[str, Any]:
    """A whole message."""
    body = {**told.head(), "content": list(_content(told)), **told.ending()}
    usage = told.usage()
    return body if usage is None else {**body, "usage": {**usage, "service_tier": told.tier}}


def tool_blocks(told: Told) -> Iterator[tuple[dict[str, Any], str]]:
    """Each call as it begins in a stream, and its arguments as text that are still to come."""
    stem = told.message_id.replace("msg_", "toolu_")
    for number, call in enumerate(told.reply.tool_calls, 1):
        block = {
            "type": "tool_use",
            "id": call.id or f"{stem}_{number}",
            "name": call.name,
            "input": {},
            "caller": {"type": "direct"},
        }
        yield block, _arguments(call)


def _arguments(call: ToolCall) -> str:
    if isinstance(call.arguments, str):
        return call.arguments
    return json.dumps(dict(call.arguments), ensure_ascii=False)


def _content(told: Told) -> Iterator[dict[str, Any]]:
    reply = told.reply
    if told.is_silent:
        return
    if (thinking := told.thinking) is not None:
        signature = told.seals.seal(thinking, given=reply.signature)
        yield {"type": "thinking", "thinking": thinking, "signature": signature}
    for data in reply.redacted_thinking:
        told.seals.hold(data)
        yield {"type": "redacted_thinking", "data": data}
    if reply.whole_text:
        yield {"type": "text", "text": reply.whole_text, "citations": list(reply.citations) or None}
    for block, arguments in tool_blocks(told):
        yield {**block, "input": _parsed(arguments)}


def _parsed(text: str) -> Any:
    # A whole message has its arguments as JSON; what is none can only be shown as the text it is.
    try:
        return json.loads(text)
    except ValueError:
        return text


def _input_usage(usage: Usage) -> dict[str, Any]:
    # Cached tokens are told beside the others here, not as a part of them.
    short, long = usage.cache_write_5m_tokens, usage.cache_write_1h_tokens
    return {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": short + long,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": short,
            "ephemeral_1h_input_tokens": long,
        },
    }
