"""The fields of a chat request, made of a config: what is not set is not sent."""

from __future__ import annotations

from typing import Any

from racto.core.chat import ChatConfig
from racto.core.schemas import type_schema
from racto.core.tools import ToolSchema
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .schemas import shown_parameters

_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "max_tokens": "num_predict",
}


def encode_fields(turn: Turn, omissions: Omissions) -> dict[str, Any]:
    """All fields but ``messages`` and what the kit adds; ``extra`` has the last word.

    Args:
        turn: The call.
        omissions: Takes what the API cannot carry.
    """
    config = turn.config
    tools = offered_tools(turn, omissions)
    # Without the field the server streams.
    fields: dict[str, Any] = {"model": turn.model, "stream": turn.stream}
    options = {
        theirs: getattr(config, ours)
        for ours, theirs in _OPTIONS.items()
        if getattr(config, ours) is not None
    }
    if config.stop:
        options["stop"] = list(config.stop)
    if config.logprobs is not None:
        fields |= {"logprobs": True, "top_logprobs": config.logprobs}
    if tools:
        fields["tools"] = tools
    # Beside tools the schema is told in words alone: a grammar leaves no way to write a call.
    elif config.response_model is not None:
        fields["format"] = type_schema(config.response_model)
    fields |= _thinking(config, omissions)
    if config.cache is not None:
        omissions.omit("cache", "it caches prompts by itself; keep_alive sets how long")
    extra = dict(config.extra)
    more = extra.pop("options", None) or {}
    return {**fields, "options": {**options, **more}, **extra}


def offered_tools(turn: Turn, omissions: Omissions) -> list[dict[str, Any]]:
    """The tools of a request; none where the model shall call none.

    Args:
        turn: The call.
        omissions: Takes what the API cannot carry.
    """
    registry = turn.config.tools
    if registry is None or turn.tool_choice == "none":
        return []
    if turn.tool_choice != "auto":
        omissions.omit("tool_choice", "it cannot force a call; ask for it in the prompt")
    if turn.config.parallel_tool_calls is False:
        omissions.omit("parallel_tool_calls", "it cannot limit a turn to one call")
    return [encode_tool(schema, omissions) for schema in registry]


def encode_tool(schema: ToolSchema, omissions: Omissions) -> dict[str, Any]:
    """A tool as the API describes it.

    Args:
        schema: The tool.
        omissions: Takes what the API cannot carry.
    """
    if schema.strict:
        omissions.omit(f"tools.{schema.name}.strict", "it does not enforce schemas of tools")
    function: dict[str, Any] = {
        "name": schema.name,
        "parameters": shown_parameters(schema.to_json_schema()),
    }
    if schema.description:
        function["description"] = schema.description
    return {"type": "function", "function": function}


def _thinking(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    if config.native_thinking and "thinking_budget" in config.model_fields_set:
        omissions.omit("thinking_budget", "thinking is set by reasoning_effort here")
    if config.reasoning_effort is not None:
        # A level switches thinking on by itself.
        effort = config.reasoning_effort
        return {"think": False if effort == "none" else effort}
    return {"think": True} if config.native_thinking else {}
