"""The fields of a Chat Completions request, made of a config: what is not set is not sent."""

from __future__ import annotations

import re
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.errors import UnsupportedFeatureError
from racto.core.tools import ToolSchema
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .dialects import ChatDialect
from .strict import strict_model_schema, strict_schema

_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

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
        if value is not None:
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
    fields |= _reply_format(config, dialect, omissions)
    fields |= _particular(config, dialect, omissions)
    # Last, so that a caller can mend what racto gets wrong for a new server.
    fields |= config.extra
    return fields


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
    if turn.config.parallel_tool_calls is not None:
        fields["parallel_tool_calls"] = turn.config.parallel_tool_calls
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
    if not _TOOL_NAME.fullmatch(schema.name):
        raise UnsupportedFeatureError(
            f"OpenAI's API takes no tool named {schema.name!r}: at most 64 letters, digits, "
            "underscores and hyphens; register it with another name=",
            feature="tools",
        )
    function: dict[str, Any] = {"name": schema.name, "parameters": schema.to_json_schema()}
    if schema.description:
        function["description"] = schema.description
    if schema.strict and dialect.strict_schemas:
        adapted = strict_schema(function["parameters"])
        if adapted.losses:
            omissions.omit(f"tools.{schema.name}.strict", _told(adapted.losses))
        else:
            function |= {"parameters": adapted.schema, "strict": True}
    elif schema.strict is not None:
        function["strict"] = schema.strict
    return {"type": "function", "function": function}


def _reply_format(config: ChatConfig, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    model = config.response_model
    if model is None:
        return {}
    # Generic models are called Reply[int], which the API refuses.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", model.__name__)[:64] or "reply"
    if dialect.strict_schemas:
        adapted = strict_model_schema(model)
        if not adapted.losses:
            described = {"name": name, "schema": adapted.schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": described}}
        omissions.omit("response_model (strict)", _told(adapted.losses))
    described = {"name": name, "schema": _whole_schema(model)}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def _whole_schema(model: Any) -> dict[str, Any]:
    from racto.core.schemas import type_schema

    return type_schema(model)


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


def _told(losses: tuple[str, ...]) -> str:
    shown = "; ".join(losses[:5]) + ("; ..." if len(losses) > 5 else "")
    return f"strict mode cannot express {shown}"
