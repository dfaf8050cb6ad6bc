"""The fields of a Responses request against those that the official client documents."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from openai.types.shared_params.reasoning import Reasoning

from racto.testing.openai import (
    response_content as content,
    response_items as items,
    response_requests as requests,
    response_tools as tools,
)

# Our class, and where the client describes the same object.
PAIRS = [
    (requests.ResponseRequest, "response_create_params", "ResponseCreateParamsNonStreaming"),
    (requests.TokenCountRequest, "input_token_count_params", None),
    (requests.SchemaFormat, "response_format_text_json_schema_config_param", None),
    (requests.TextConfig, "response_text_config_param", None),
    (requests.ConversationId, "response_conversation_param_param", None),
    (requests.Prompt, "response_prompt_param", None),
    (requests.StreamOptions, "response_create_params", "StreamOptions"),
    (requests.CacheOptions, "response_create_params", "PromptCacheOptions"),
    (requests.AccessPrograms, "response_create_params", "AccessPrograms"),
    (requests.BackgroundOptions, "response_create_params", "BackgroundOptions"),
    (requests.ContextManagement, "response_create_params", "ContextManagement"),
    (requests.ImageConfig, "response_create_params", "Image"),
    (tools.FunctionTool, "namespace_tool_param", "ToolFunction"),
    (tools.CustomTool, "custom_tool_param", None),
    (tools.AllowedTools, "tool_choice_allowed_param", None),
    (tools.McpTool, "tool_choice_mcp_param", None),
    (content.InputText, "response_input_text_param", None),
    (content.InputFile, "response_input_file_param", None),
    (
        content.FunctionOutputText,
        "response_input_text_content_param",
        "ResponseInputTextContentParam",
    ),
    (
        content.FunctionOutputImage,
        "response_input_image_content_param",
        "ResponseInputImageContentParam",
    ),
    (
        content.FunctionOutputFile,
        "response_input_file_content_param",
        "ResponseInputFileContentParam",
    ),
    (content.Refusal, "response_output_refusal_param", None),
    (content.SummaryText, "response_reasoning_item_param", "Summary"),
    (content.ReasoningText, "response_reasoning_item_param", "Content"),
    (items.FunctionCall, "response_function_tool_call_param", None),
    (items.FunctionCallOutput, "response_input_item_param", "FunctionCallOutput"),
    (items.CustomToolCall, "response_custom_tool_call_param", None),
    (items.CustomToolCallOutput, "response_custom_tool_call_output_param", None),
    (items.ReasoningItem, "response_reasoning_item_param", None),
    (items.ItemReference, "response_input_item_param", "ItemReference"),
]


@pytest.mark.parametrize(("model", "module", "name"), PAIRS)
def test_every_documented_field_is_taken(
    documented: Any, model: Any, module: str, name: str | None
) -> None:
    found = import_module(f"openai.types.responses.{module}")
    documented(model, getattr(found, name or found.__all__[0]))


def test_every_documented_field_of_reasoning_is_taken(documented: Any) -> None:
    documented(requests.Reasoning, Reasoning)
