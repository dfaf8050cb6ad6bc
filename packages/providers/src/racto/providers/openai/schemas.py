"""Tools and structured replies as OpenAI's APIs describe them; the two APIs differ in the wrapping."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from racto.core.errors import UnsupportedFeatureError
from racto.core.schemas import type_schema
from racto.core.tools import ToolSchema
from racto.providers.kits.omissions import Omissions

from .dialects import ChatDialect
from .strict import strict_model_schema, strict_schema

_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def described_tool(
    schema: ToolSchema, dialect: ChatDialect, omissions: Omissions
) -> dict[str, Any]:
    """A tool's name, description and parameters; ``strict`` only when the tool asks for it.

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
    elif schema.strict and "strict" in dialect.lacks:
        omissions.omit(f"tools.{schema.name}.strict", "the server does not enforce tools' schemas")
    elif schema.strict is not None:
        function["strict"] = schema.strict
    return function


def described_reply(
    model: type[BaseModel], dialect: ChatDialect, omissions: Omissions
) -> dict[str, Any]:
    """A structured reply's name and schema; ``strict`` where the server enforces it.

    Args:
        model: What the reply must satisfy.
        dialect: How the server speaks.
        omissions: Takes the enforcement of what strict mode cannot express.
    """
    # Generic models are called Reply[int], which the API refuses.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", model.__name__)[:64] or "reply"
    if dialect.strict_schemas:
        adapted = strict_model_schema(model)
        if not adapted.losses:
            return {"name": name, "schema": adapted.schema, "strict": True}
        omissions.omit("response_model (strict)", _told(adapted.losses))
    return {"name": name, "schema": type_schema(model)}


def _told(losses: tuple[str, ...]) -> str:
    shown = "; ".join(losses[:5]) + ("; ..." if len(losses) > 5 else "")
    return f"strict mode cannot express {shown}"
