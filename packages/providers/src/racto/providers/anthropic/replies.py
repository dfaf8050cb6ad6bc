"""Replies of the Messages API, read without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from racto.core.content import (
    ContentPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
)
from racto.core.responses import FinishReason, LLMResponse
from racto.core.usage import Usage
from racto.providers.counts import Counts
from racto.providers.words import id_in, name_in, objects_in, text_in

from .api import PROVIDER
from .blocks import CALL_FACTS

_FINISHES = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALL,
    "pause_turn": FinishReason.PAUSE,
    "refusal": FinishReason.REFUSAL,
    "model_context_window_exceeded": FinishReason.CONTEXT_OVERFLOW,
}


def read_finish(raw: Any) -> FinishReason:
    """The finish reason for the API's word; a word that is not known is ``unknown``."""
    return _FINISHES.get(raw, FinishReason.UNKNOWN)


def read_refusal(details: Any) -> str | None:
    """Why a reply was refused: the API's explanation, else the category; None when it is silent.

    Args:
        details: The reply's ``stop_details``.
    """
    if not isinstance(details, Mapping) or details.get("type") != "refusal":
        return None
    return text_in(details, "explanation") or text_in(details, "category") or None


def read_usage(data: Any) -> Usage:
    """Usage in disjoint buckets; the API counts cached tokens beside ``input_tokens``.

    Args:
        data: The reply's ``usage``; anything but an object is unknown usage.
    """
    counts = Counts(data)
    short = counts.read("ephemeral_5m_input_tokens", "cache_creation")
    long = counts.read("ephemeral_1h_input_tokens", "cache_creation")
    # The end of a stream tells the total and not its parts.
    written = max(counts.read("cache_creation_input_tokens"), short + long)
    output = counts.read("output_tokens")
    thought = counts.read("thinking_tokens", "output_tokens_details")
    return Usage(
        input_tokens=counts.read("input_tokens"),
        cache_read_tokens=counts.read("cache_read_input_tokens"),
        cache_write_5m_tokens=written - long,
        cache_write_1h_tokens=long,
        output_tokens=output,
        reasoning_tokens=min(thought, output),
        state=counts.state("input_tokens", "output_tokens"),
    )


def read_call(block: Mapping[str, Any]) -> ToolCallResult:
    """The call in a ``tool_use`` block."""
    return ToolCallResult.of_text(
        json.dumps(block.get("input")),
        name=name_in(block, "name") or "",
        id=id_in(block, "id") or "",
        signature=call_facts(block),
    )


def call_facts(block: Mapping[str, Any]) -> str | None:
    """What the API says of a call beside its arguments, as JSON; None for a plain call."""
    facts = {name: block[name] for name in CALL_FACTS if block.get(name)}
    # The model's own call is what every call is unless told otherwise.
    if facts.get("caller") == {"type": "direct"}:
        del facts["caller"]
    return json.dumps(facts) if facts else None


def read_block(block: Mapping[str, Any], model: str) -> ContentPart | None:
    """The part that a block becomes, tool calls apart; None for a block that says nothing.

    Args:
        block: The block, whole.
        model: Who wrote it.
    """
    kind = block["type"]
    if kind == "text":
        text, citations = text_in(block, "text"), objects_in(block, "citations")
        return TextPart(text=text, citations=citations) if text or citations else None
    if kind == "thinking":
        text, signature = text_in(block, "thinking"), text_in(block, "signature") or None
        if not (text or signature):
            return None
        return ReasoningPart(text=text, signature=signature, provider=PROVIDER, model=model)
    if kind == "redacted_thinking":
        data = text_in(block, "data")
        return ReasoningPart(signature=data, redacted=True, provider=PROVIDER, model=model)
    # A server-side tool's, or of a kind that did not exist when this was written.
    return ProviderPart(provider=PROVIDER, data=dict(block))


def read_reply(data: Mapping[str, Any]) -> LLMResponse:
    """The response in a message.

    Args:
        data: The whole message.
    """
    model, finish = name_in(data, "model") or "", name_in(data, "stop_reason")
    parts: list[ContentPart] = []
    calls: list[ToolCallResult] = []
    for block in data["content"]:
        if block["type"] == "tool_use":
            calls.append(read_call(block))
            parts.append(ToolCallPart.of(calls[-1]))
        elif part := read_block(block, model):
            parts.append(part)
    refusal = read_refusal(data.get("stop_details"))
    if refusal:
        parts.append(RefusalPart(text=refusal))
    return LLMResponse(
        content="".join(part.text for part in parts if isinstance(part, TextPart)) or None,
        thinking="".join(part.text for part in parts if isinstance(part, ReasoningPart)) or None,
        tool_calls=calls,
        finish_reason=_judged(read_finish(finish), calls),
        usage=read_usage(data.get("usage")),
        raw=data,
        parts=tuple(parts),
        refusal=refusal,
        provider=PROVIDER,
        model=model,
        response_id=id_in(data, "id"),
        raw_finish_reason=finish,
    )


def _judged(finish: FinishReason, calls: list[ToolCallResult]) -> FinishReason:
    # Servers that are not Anthropic's may end a turn of calls with a plain stop.
    return FinishReason.TOOL_CALL if finish is FinishReason.STOP and calls else finish
