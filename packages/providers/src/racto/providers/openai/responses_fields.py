"""The fields of a request to the Responses API, made of a config: what is not set is not sent."""

from __future__ import annotations

from typing import Any

from racto.core.chat import ChatConfig
from racto.core.tools import ToolSchema
from racto.providers.catalog import model_facts
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .dialects import ChatDialect
from .extras import with_extra
from .schemas import described_reply, described_tool

# Chat Completions has them.
_UNKNOWN_HERE = ("seed", "presence_penalty", "frequency_penalty", "top_k")
# Objects whose fields are set one by one, so that ``extra`` can add to them.
_NESTED = ("text", "reasoning")


def encode_fields(turn: Turn, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    """All fields but ``input``; ``extra`` comes last and has the last word.

    Args:
        turn: The call.
        dialect: How the server speaks.
        omissions: Takes what the API cannot carry.
    """
    config = turn.config
    fields: dict[str, Any] = {
        "model": turn.model,
        "max_output_tokens": config.max_tokens,
        # The conversation travels with every request; a copy on the server serves nobody.
        "store": False,
    }
    for name in ("temperature", "top_p"):
        if getattr(config, name) is not None:
            fields[name] = getattr(config, name)
    if turn.stream:
        fields["stream"] = True
    fields |= _tool_fields(turn, dialect, omissions)
    fields |= _reasoning(config, omissions)
    if config.logprobs is not None:
        fields["top_logprobs"] = config.logprobs
    if included := _included(config, turn.model):
        fields["include"] = included
    if config.response_model is not None:
        described = described_reply(config.response_model, dialect, omissions)
        fields["text"] = {"format": {"type": "json_schema", **described}}
    fields |= _cached(config, dialect, omissions)
    _omit_unknown(config, omissions)
    return with_extra(fields, config.extra, nested=_NESTED)


def _tool_fields(turn: Turn, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    registry = turn.config.tools
    if registry is None or not len(registry):
        return {}
    fields: dict[str, Any] = {
        "tools": [encode_tool(schema, dialect, omissions) for schema in registry]
    }
    if turn.tool_choice in ("required", "none"):
        fields["tool_choice"] = turn.tool_choice
    elif turn.tool_choice != "auto":
        fields["tool_choice"] = {"type": "function", "name": turn.tool_choice}
    if turn.config.parallel_tool_calls is not None:
        fields["parallel_tool_calls"] = turn.config.parallel_tool_calls
    return fields


def encode_tool(schema: ToolSchema, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    """A tool as the API describes it; never strict unless the tool asks for it.

    Args:
        schema: The tool.
        dialect: How the server speaks.
        omissions: Takes what the API cannot carry.

    Raises:
        UnsupportedFeatureError: If the API allows no tool of this name.
    """
    # The API's own default is strict, which many schemas do not fit.
    return {"type": "function", "strict": False, **described_tool(schema, dialect, omissions)}


def _reasoning(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if config.reasoning_effort is not None:
        wanted["effort"] = config.reasoning_effort
    if config.native_thinking:
        wanted["summary"] = "auto"
        if "thinking_budget" in config.model_fields_set:
            omissions.omit("thinking_budget", "reasoning is set by reasoning_effort here")
    return {"reasoning": wanted} if wanted else {}


def _included(config: ChatConfig, model: str) -> list[str]:
    included = []
    is_asked = config.native_thinking or config.reasoning_effort not in (None, "none")
    # Models without reasoning refuse the wish for its proof, so it is only said of those that
    # are known to reason. Of others the API sends the proof unasked, by its own account.
    if is_asked or "reasoning" in (model_facts("openai", model).capabilities or ()):
        included.append("reasoning.encrypted_content")
    if config.logprobs is not None:
        included.append("message.output_text.logprobs")
    return included


def _cached(config: ChatConfig, dialect: ChatDialect, omissions: Omissions) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if config.cache is not None and not dialect.caches_prompts:
        omissions.omit("cache", "the server offers no control over its prompt cache")
    elif config.cache == "1h":
        # Prefixes are always cached for some minutes; the next longer term is a day.
        fields["prompt_cache_retention"] = "24h"
    if config.metadata and config.extra.get("store"):
        # Labels are for replies that OpenAI's dashboards show; they always reach telemetry.
        fields["metadata"] = dict(config.metadata)
    return fields


def _omit_unknown(config: ChatConfig, omissions: Omissions) -> None:
    for name in _UNKNOWN_HERE:
        if getattr(config, name) is not None:
            omissions.omit(name, 'the Responses API has no such parameter; see api="chat"')
    if config.stop:
        omissions.omit("stop", 'the Responses API has no stop sequences; see api="chat"')
