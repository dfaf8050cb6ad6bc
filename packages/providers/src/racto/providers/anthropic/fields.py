"""The fields of a Messages request, made of a config: what is not set is not sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.schemas import json_text, type_schema
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .api import HOW_TO_SEND_IT, APIVersion
from .strict import strict_model_schema
from .tools import encode_tools, told

_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_LEAST_BUDGET = 1024


def encode_fields(turn: Turn, version: APIVersion, omissions: Omissions) -> dict[str, Any]:
    """All fields but the conversation and the caller's ``extra``.

    Args:
        turn: The call.
        version: The API's version.
        omissions: Takes what the API cannot carry.

    Raises:
        ConfigurationError: If the thinking budget and ``max_tokens`` contradict each other.
    """
    config = turn.config
    fields: dict[str, Any] = {"model": turn.model, "max_tokens": config.max_tokens}
    fields |= _thinking(config)
    fields |= _sampling(config, version, omissions)
    if config.stop:
        fields["stop_sequences"] = list(config.stop)
    if turn.stream:
        fields["stream"] = True
    fields |= encode_tools(turn, omissions)
    output = _effort(config, omissions) | _format(config, omissions)
    if output:
        fields["output_config"] = output
    # The API takes one label, who asks; all of them reach telemetry.
    if "user_id" in config.metadata:
        fields["metadata"] = {"user_id": config.metadata["user_id"]}
    return fields


def _thinking(config: ChatConfig) -> dict[str, Any]:
    """How the model shall think: as much as it needs, or within a budget that was set."""
    if not config.native_thinking:
        return {}
    if "thinking_budget" not in config.model_fields_set:
        # Newer models think without showing it unless they are asked to.
        return {"thinking": {"type": "adaptive", "display": "summarized"}}
    budget, limit = config.thinking_budget, config.max_tokens
    if budget < _LEAST_BUDGET:
        raise ConfigurationError(f"thinking_budget={budget}: Anthropic's least is {_LEAST_BUDGET}")
    if "max_tokens" not in config.model_fields_set:
        # Nobody chose the limit, so it stays what the reply itself may have.
        limit += budget
    if budget >= limit:
        raise ConfigurationError(
            f"thinking_budget={budget} leaves no room for the reply: thinking counts toward "
            f"max_tokens={limit}, which must be larger. Leave thinking_budget out and the model "
            "decides how much to think"
        )
    return {"max_tokens": limit, "thinking": {"type": "enabled", "budget_tokens": budget}}


def _sampling(config: ChatConfig, version: APIVersion, omissions: Omissions) -> dict[str, Any]:
    fields = {}
    for name in ("temperature", "top_p", "top_k"):
        value = getattr(config, name)
        if value is not None and version.is_old:
            fields[name] = value
        elif value is not None:
            omissions.omit(name, HOW_TO_SEND_IT)
    for name in ("seed", "presence_penalty", "frequency_penalty", "logprobs"):
        if getattr(config, name) is not None:
            omissions.omit(name, "the API has no such parameter")
    return fields


def _effort(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    effort = config.reasoning_effort
    if effort is None:
        return {}
    if effort not in _EFFORTS:
        omissions.omit("reasoning_effort", f"it knows {', '.join(_EFFORTS)}, not {effort!r}")
        return {}
    return {"effort": effort}


def _format(config: ChatConfig, omissions: Omissions) -> dict[str, Any]:
    """The schema that the reply must keep."""
    model = config.response_model
    if model is None:
        return {}
    adapted = strict_model_schema(model)
    if adapted.losses:
        omissions.omit("response_model (enforced)", told(adapted.losses))
        return {}
    return {"format": {"type": "json_schema", "schema": adapted.schema}}


def format_in_words(config: ChatConfig, fields: Mapping[str, Any]) -> str:
    """Asks for the reply's schema where the API does not enforce it; else empty.

    Args:
        config: The caller's settings.
        fields: The encoded fields.
    """
    if config.response_model is None or "format" in fields.get("output_config", {}):
        return ""
    schema = json_text(type_schema(config.response_model))
    return f"Answer with one JSON value that keeps this schema, and nothing else:\n{schema}"
