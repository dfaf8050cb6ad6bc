"""The fields of a Chat Completions request, made of a config: what is not set is not sent."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.tools import ToolSchema
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .dialects import ChatDialect
from .emulation import REPLY_TOOL, reply_tool
from .extras import with_extra
from .schemas import described_reply, described_tool

_AS_THEY_ARE = (
    "temperature",
    "top_p",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
)


def encode_fields(turn: Turn, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    """All fields but ``messages``; ``extra`` comes last and has the last word.

    Args:
        turn: The call.
        dialect: How the server speaks.
        omissions: Takes what the API cannot carry.
    """
    config = turn.config
    fields: dict[str, Any] = {"model": turn.model, dialect.token_limit: config.max_tokens}
    for name in _AS_THEY_ARE:
        value = getattr(config, name)
        if value is not None and name in dialect.lacks:
            omissions.omit(name, "the server has no such parameter")
        elif value is not None:
            fields[name] = value
    if config.stop:
        fields["stop"] = list(config.stop)
    if config.logprobs is not None:
        fields |= {"logprobs": True, "top_logprobs": config.logprobs}
    if turn.stream:
        fields["stream"] = True
        if dialect.stream_usage:
            fields["stream_options"] = {"include_usage": True}
    fields |= _tool_fields(turn, dialect, omissions)
    fields |= _particular(config, dialect, omissions)
    if config.response_model is not None:
        fields |= _reply_format(config.response_model, dialect, omissions, offered=fields)
    return with_extra(fields, config.extra)


def _tool_fields(turn: Turn, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    registry = turn.config.tools
    if registry is None or not len(registry):
        return {}
    fields: dict[str, Any] = {
        "tools": [encode_tool(schema, dialect, omissions) for schema in registry]
    }
    # "auto" is the default everywhere; sending it breaks servers that know no choice.
    if turn.tool_choice in ("required", "none"):
        fields["tool_choice"] = turn.tool_choice
    elif turn.tool_choice != "auto":
        fields["tool_choice"] = {"type": "function", "function": {"name": turn.tool_choice}}
    parallel = turn.config.parallel_tool_calls
    if parallel is not None and "parallel_tool_calls" in dialect.lacks:
        omissions.omit("parallel_tool_calls", "the server has no such parameter")
    elif parallel is not None:
        fields["parallel_tool_calls"] = parallel
    return fields


def encode_tool(schema: ToolSchema, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    """A tool as the API describes it; ``strict`` only when the tool asks for it.

    Args:
        schema: The tool.
        dialect: How the server speaks.
        omissions: Takes what the API cannot carry.

    Raises:
        UnsupportedFeatureError: If the API allows no tool of this name.
    """
    return {"type": "function", "function": described_tool(schema, dialect, omissions)}


def _reply_format(
    model: type[BaseModel], dialect: ChatDialect, omissions: Omissions, *, offered: dict[str, Any]
) -> dict[str, Any]:
    """The wish for a structured reply, beside the tools that are offered already."""
    if dialect.structured == "native":
        described = described_reply(model, dialect, omissions)
        return {"response_format": {"type": "json_schema", "json_schema": described}}
    if dialect.structured == "json_object":
        return {"response_format": {"type": "json_object"}}
    if dialect.structured == "prompt":
        return {}
    tool = {"type": "function", "function": reply_tool(model)}
    choice = offered.get("tool_choice")
    if choice == "none" or "tools" not in offered:
        choice = {"type": "function", "function": {"name": REPLY_TOOL}}
    # Without words of its own, the model must call a tool or give its reply.
    return {"tools": [*offered.get("tools", ()), tool], "tool_choice": choice or "required"}


def _particular(config: ChatConfig, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    """The fields that only some servers take."""
    fields: dict[str, Any] = {}
    if config.top_k is not None:
        if dialect.takes_top_k:
            fields["top_k"] = config.top_k
        else:
            omissions.omit("top_k", "the API has no such parameter")
    if config.metadata and config.extra.get("store"):
        # OpenAI takes labels only for replies that it stores; they always reach telemetry.
        fields["metadata"] = dict(config.metadata)
    if config.cache is not None:
        if not dialect.caches_prompts:
            omissions.omit("cache", "the server offers no control over its prompt cache")
        elif config.cache == "1h":
            # Prefixes are always cached for some minutes; the next longer term is a day.
            fields["prompt_cache_retention"] = "24h"
    if config.native_thinking and not dialect.returns_reasoning:
        omissions.omit(
            "native_thinking",
            "Chat Completions returns no reasoning text; reasoning_effort sets how much is done",
        )
    if config.native_thinking and "thinking_budget" in config.model_fields_set:
        omissions.omit("thinking_budget", "reasoning is set by reasoning_effort here")
    return fields
