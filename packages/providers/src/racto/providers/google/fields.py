"""The fields of a request beside its contents, made of a config: what is not set is not sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.errors import UnsupportedFeatureError
from racto.core.tools import ToolSchema
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .schemas import adapted_model_schema, adapted_schema

_TOOL_NAME = re.compile(r"[A-Za-z_][\w.:-]{0,127}", re.ASCII)

_AS_THEY_ARE = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}


def encode_fields(turn: Turn, omissions: Omissions) -> dict[str, Any]:
    """All fields but the conversation, without ``extra``.

    Args:
        turn: The call.
        omissions: Takes what the API cannot carry.
    """
    config = turn.config
    settings: dict[str, Any] = {
        name: getattr(config, field)
        for field, name in _AS_THEY_ARE.items()
        if getattr(config, field) is not None
    }
    settings["maxOutputTokens"] = config.max_tokens
    if config.stop:
        settings["stopSequences"] = list(config.stop)
    if config.logprobs is not None:
        settings["responseLogprobs"] = True
        # Zero asks for the chosen tokens alone, which the number is not needed for.
        settings |= {"logprobs": config.logprobs} if config.logprobs else {}
    settings |= _reply_format(config, omissions)
    if thinking := _thinking(config, omissions):
        settings["thinkingConfig"] = thinking
    omit_cache(config, omissions)
    return {"generationConfig": settings, **_tool_fields(turn, omissions)}


def omit_cache(config: ChatConfig, omissions: Omissions) -> None:
    """Say that prompt caching cannot be asked for, when it is."""
    if config.cache is not None:
        omissions.omit(
            "cache",
            "it caches unchanged beginnings by itself; name a cache that you made in extra=",
        )


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """A request with the caller's own fields, which have the last word.

    Objects are merged, so that one setting can be added to the others, and tools that run at
    Google's join the functions; everything else is replaced.

    Args:
        body: The request.
        extra: The caller's fields.
    """
    made = dict(body)
    for name, value in extra.items():
        old = made.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            made[name] = merged(old, value)
        elif name == "tools" and isinstance(old, list) and isinstance(value, list):
            made[name] = [*old, *value]
        else:
            made[name] = value
    return made


def encode_tool(schema: ToolSchema, omissions: Omissions) -> dict[str, Any]:
    """A tool as the API describes it.

    Args:
        schema: The tool.
        omissions: Takes what the API cannot carry.

    Raises:
        UnsupportedFeatureError: If the API allows no tool of this name.
    """
    made = {"name": schema.name, "parametersJsonSchema": tool_parameters(schema, omissions)}
    return {**made, "description": schema.description} if schema.description else made


def tool_parameters(schema: ToolSchema, omissions: Omissions) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments, whole, once the tool is found fit for Gemini.

    Args:
        schema: The tool.
        omissions: Takes what the API cannot enforce, where the tool asks for that.

    Raises:
        UnsupportedFeatureError: If the API allows no tool of this name.
    """
    if not _TOOL_NAME.fullmatch(schema.name):
        raise UnsupportedFeatureError(
            f"Gemini takes no tool named {schema.name!r}: a letter or an underscore, then at most "
            "127 letters, digits, underscores, dots, colons and hyphens; register it with another "
            "name=",
            feature="tools",
        )
    parameters = schema.to_json_schema()
    if schema.strict and (losses := adapted_schema(parameters).losses):
        omissions.omit(f"tools.{schema.name}.strict", _told(losses))
    return parameters


def reply_schema(model: type[BaseModel], omissions: Omissions) -> dict[str, Any]:
    """The schema that a reply must keep.

    Args:
        model: The caller's model.
        omissions: Takes what Gemini's schemas cannot express.
    """
    adapted = adapted_model_schema(model)
    if adapted.losses:
        omissions.omit("response_model (strict)", _told(adapted.losses))
    return adapted.schema


def _tool_fields(turn: Turn, omissions: Omissions) -> dict[str, Any]:
    registry = turn.config.tools
    if registry is None or not len(registry):
        return {}
    if turn.config.parallel_tool_calls is False:
        omissions.omit("parallel_tool_calls", "it decides by itself how many calls a turn makes")
    fields: dict[str, Any] = {
        "tools": [{"functionDeclarations": [encode_tool(each, omissions) for each in registry]}]
    }
    calling: dict[str, Any] = {}
    if turn.tool_choice == "none":
        calling = {"mode": "NONE"}
    elif turn.tool_choice == "required":
        calling = {"mode": "ANY"}
    elif turn.tool_choice != "auto":
        calling = {"mode": "ANY", "allowedFunctionNames": [turn.tool_choice]}
    elif any(schema.strict for schema in registry):
        # Like AUTO, with arguments that are sure to fit; ANY and NONE need no such mode.
        calling = {"mode": "VALIDATED"}
    return fields | ({"toolConfig": {"functionCallingConfig": calling}} if calling else {})


def _reply_format(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    if config.response_model is None:
        return {}
    schema = reply_schema(config.response_model, omissions)
    return {"responseMimeType": "application/json", "responseJsonSchema": schema}


def _thinking(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    thinking: dict[str, Any] = {"includeThoughts": True} if config.native_thinking else {}
    budgeted = config.native_thinking and "thinking_budget" in config.model_fields_set
    if config.reasoning_effort is not None:
        thinking["thinkingLevel"] = config.reasoning_effort.upper()
        if budgeted:
            omissions.omit("thinking_budget", "it takes a budget or an effort, not both")
    elif budgeted:
        # Never by default: newer models refuse a budget, and take an effort instead.
        thinking["thinkingBudget"] = config.thinking_budget
    return thinking


def _told(losses: tuple[str, ...]) -> str:
    shown = "; ".join(losses[:5]) + ("; ..." if len(losses) > 5 else "")
    return f"its schemas cannot express {shown}"
