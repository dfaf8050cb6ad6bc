"""Tools and the choice among them, as the Messages API takes them."""

from __future__ import annotations

import re
from typing import Any

from racto.core.errors import UnsupportedFeatureError
from racto.core.tools import ToolSchema
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn

from .api import PROVIDER
from .strict import strict_schema

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_CHOICES = {"auto": "auto", "required": "any", "none": "none"}


def encode_tools(turn: Turn, omissions: Omissions) -> dict[str, Any]:
    """The fields ``tools`` and ``tool_choice``; none where no tools are registered.

    Args:
        turn: The call.
        omissions: Takes what the API cannot carry.
    """
    registry = turn.config.tools
    if registry is None or not len(registry):
        return {}
    fields: dict[str, Any] = {"tools": [encode_tool(schema, omissions) for schema in registry]}
    parallel = turn.config.parallel_tool_calls
    # "auto" is the default; it is spelled out only to say more.
    if turn.tool_choice != "auto" or parallel is not None:
        fields["tool_choice"] = _choice(turn.tool_choice, parallel)
    return fields


def encode_tool(schema: ToolSchema, omissions: Omissions) -> dict[str, Any]:
    """A tool as the API describes it; ``strict`` only when the tool asks for it.

    Args:
        schema: The tool.
        omissions: Takes what the API cannot carry.

    Raises:
        UnsupportedFeatureError: If the API allows no tool of this name.
    """
    if not _NAME.fullmatch(schema.name):
        raise UnsupportedFeatureError(
            f"Anthropic's API takes no tool named {schema.name!r}: at most 128 letters, digits, "
            "underscores and hyphens; register it with another name=",
            feature="tools",
            provider=PROVIDER,
        )
    tool: dict[str, Any] = {"name": schema.name, "input_schema": schema.to_json_schema()}
    if schema.description:
        tool["description"] = schema.description
    if schema.strict:
        adapted = strict_schema(tool["input_schema"])
        if adapted.losses:
            omissions.omit(f"tools.{schema.name}.strict", told(adapted.losses))
        else:
            tool |= {"input_schema": adapted.schema, "strict": True}
    elif schema.strict is not None:
        tool["strict"] = schema.strict
    return tool


def told(losses: tuple[str, ...]) -> str:
    """The losses of a strict schema in one sentence."""
    shown = "; ".join(losses[:5]) + ("; ..." if len(losses) > 5 else "")
    return f"the API cannot enforce {shown}"


def _choice(wanted: str, parallel: bool | None) -> dict[str, Any]:
    kind = _CHOICES.get(wanted)
    choice: dict[str, Any] = {"type": kind} if kind else {"type": "tool", "name": wanted}
    # Where no tool may be called, the API knows no such field.
    if parallel is not None and kind != "none":
        choice["disable_parallel_tool_use"] = not parallel
    return choice
