"""The fields of an interaction beside its steps, made of a config: what is not set is not sent."""

from __future__ import annotations

from typing import Any

from racto.core.chat import ChatConfig
from racto.core.tools import ToolSchema
from racto.providers.google.fields import omit_cache, reply_schema, tool_parameters
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

_AS_THEY_ARE = ("temperature", "top_p", "seed")

_UNKNOWN = ("top_k", "presence_penalty", "frequency_penalty", "logprobs")


def encode_settings(turn: Turn, omissions: Omissions) -> dict[str, Any]:
    """All fields but the conversation, without ``extra``.

    Args:
        turn: The call.
        omissions: Takes what the API cannot carry.
    """
    config = turn.config
    for name in _UNKNOWN:
        if getattr(config, name) is not None:
            omissions.omit(name, 'interactions have no such field; use api="generate_content"')
    omit_cache(config, omissions)
    # Kept nowhere: racto sends the whole conversation with each call, and users expect no copies.
    fields: dict[str, Any] = {"model": turn.model, "store": False}
    if turn.stream:
        fields["stream"] = True
    if config.response_model is not None:
        schema = reply_schema(config.response_model, omissions)
        form = {"type": "text", "mime_type": "application/json", "schema": schema}
        fields["response_format"] = form
    settings = _settings(config, omissions)
    registry = config.tools
    if registry is not None and len(registry):
        if config.parallel_tool_calls is False:
            omissions.omit("parallel_tool_calls", "it decides by itself how many calls to make")
        fields["tools"] = [encode_function(schema, omissions) for schema in registry]
        strict = any(schema.strict for schema in registry)
        settings |= _choice(turn.tool_choice, strict=strict)
    return fields | {"generation_config": settings}


def encode_function(schema: ToolSchema, omissions: Omissions) -> dict[str, Any]:
    """A tool as the API describes it.

    Raises:
        UnsupportedFeatureError: If the API allows no tool of this name.
    """
    parameters = tool_parameters(schema, omissions)
    made = {"type": "function", "name": schema.name, "parameters": parameters}
    return {**made, "description": schema.description} if schema.description else made


def _settings(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    settings: dict[str, Any] = {
        name: getattr(config, name) for name in _AS_THEY_ARE if getattr(config, name) is not None
    }
    settings["max_output_tokens"] = config.max_tokens
    if config.stop:
        settings["stop_sequences"] = list(config.stop)
    if config.reasoning_effort is not None:
        settings["thinking_level"] = config.reasoning_effort.lower()
    if config.native_thinking:
        settings["thinking_summaries"] = "auto"
        if "thinking_budget" in config.model_fields_set:
            omissions.omit("thinking_budget", "interactions take a reasoning_effort instead")
    return settings


def _choice(choice: str, *, strict: bool) -> dict[str, Any]:
    if choice == "auto":
        return {"tool_choice": "validated"} if strict else {}
    if choice in ("none", "required"):
        return {"tool_choice": "none" if choice == "none" else "any"}
    return {"tool_choice": {"allowed_tools": {"mode": "any", "tools": [choice]}}}
