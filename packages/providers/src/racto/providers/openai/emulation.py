"""Structured replies of servers that take no JSON Schema: by a tool, or in words.

With the tool, the model answers by calling it, and the call's arguments are the reply: they arrive
as text, whole or in a stream, and no caller sees the tool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.content import TextPart, ToolCallPart, ToolCallResult
from racto.core.errors import UnsupportedFeatureError
from racto.core.messages import Message, MessageRole
from racto.core.responses import FinishReason, LLMResponse
from racto.core.schemas import type_schema

REPLY_TOOL = "structured_reply"
"""Name of the tool whose arguments are the reply."""


def with_schema_in_words(messages: Sequence[Message], config: ChatConfig) -> list[Message]:
    """The conversation, its system text ending with the schema that the reply must satisfy.

    Args:
        messages: The conversation.
        config: The caller's settings.
    """
    words = _words(config)
    first = messages[0] if messages else None
    if not words:
        return list(messages)
    if first is None or first.role is not MessageRole.SYSTEM:
        return [Message.system(words), *messages]
    system = Message.model_copy(
        first, update={"content": (*first.parts, TextPart(text=f"\n\n{words}"))}
    )
    whole = isinstance(first.content, str)
    return [Message.system(system.text) if whole else system, *messages[1:]]


def reply_tool(model: type[BaseModel]) -> dict[str, Any]:
    """The tool by which the model gives its reply: name, description and parameters.

    Raises:
        UnsupportedFeatureError: If the reply is not an object, which arguments must be.
    """
    schema = type_schema(model)
    if schema.get("type") != "object" and "$ref" not in schema:
        raise UnsupportedFeatureError(
            f"{model.__name__} is no object, and this server gives structured replies as the "
            "arguments of a tool; put it into a field of another model",
            feature="response_model",
        )
    told = "Give the final reply. Call it once, when nothing else is left to be done."
    return {"name": REPLY_TOOL, "description": told, "parameters": schema}


def is_reply(call: Mapping[str, Any]) -> bool:
    """Whether a call, or the first piece of one, is that of the reply's tool."""
    return (call.get("function") or {}).get("name") == REPLY_TOOL


def unwrapped(response: LLMResponse) -> LLMResponse:
    """The response with the reply's tool turned into text, as if it had been written."""
    if all(call.name != REPLY_TOOL for call in response.tool_calls):
        return response
    response.parts = tuple(
        TextPart(text=_text(part))
        if isinstance(part, ToolCallPart) and part.name == REPLY_TOOL
        else part
        for part in response.parts
    )
    texts = (part.text for part in response.parts if isinstance(part, TextPart))
    response.content = "".join(texts)
    response.tool_calls = [call for call in response.tool_calls if call.name != REPLY_TOOL]
    if response.finish_reason is FinishReason.TOOL_CALL and not response.tool_calls:
        response.finish_reason = FinishReason.STOP
    return response


def _words(config: ChatConfig) -> str:
    model = config.response_model
    # A prompt with a model or a schema for its output tells it already.
    is_told = config.prompt is not None and not isinstance(config.prompt.output_format, str)
    if model is None or is_told:
        return ""
    schema = json.dumps(type_schema(model), ensure_ascii=False)
    return (
        "When you give your final reply, write one JSON value that is valid against this JSON "
        f"Schema, and nothing else:\n{schema}"
    )


def _text(call: ToolCallResult) -> str:
    if call.raw_arguments is not None:
        return call.raw_arguments
    return json.dumps(call.arguments, ensure_ascii=False)
