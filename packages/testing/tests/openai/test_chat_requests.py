"""The fields of a chat request against those that the official client documents."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from racto.testing.openai import chat_requests, chat_tools, content, messages, settings

# Our class, and where the client describes the same object.
PAIRS = [
    (chat_requests.ChatRequest, "completion_create_params", "CompletionCreateParamsNonStreaming"),
    (chat_requests.StreamOptions, "chat_completion_stream_options_param", None),
    (chat_requests.Audio, "chat_completion_audio_param", None),
    (chat_requests.VoiceId, "chat_completion_audio_param", "VoiceID"),
    (chat_requests.Prediction, "chat_completion_prediction_content_param", None),
    (chat_requests.CacheOptions, "completion_create_params", "PromptCacheOptions"),
    (chat_requests.WebSearchOptions, "completion_create_params", "WebSearchOptions"),
    (chat_requests.UserLocation, "completion_create_params", "WebSearchOptionsUserLocation"),
    (
        chat_requests.Place,
        "completion_create_params",
        "WebSearchOptionsUserLocationApproximate",
    ),
    (chat_requests.FormerFunction, "completion_create_params", "Function"),
    (chat_requests.FormerChoice, "chat_completion_function_call_option_param", None),
    (settings.Moderation, "completion_create_params", "Moderation"),
    (settings.ModerationPolicy, "completion_create_params", "ModerationPolicy"),
    (settings.Judged, "completion_create_params", "ModerationPolicyInput"),
    (chat_tools.FunctionTool, "chat_completion_function_tool_param", None),
    (chat_tools.CustomTool, "chat_completion_custom_tool_param", None),
    (chat_tools.Custom, "chat_completion_custom_tool_param", "Custom"),
    (chat_tools.GrammarFormat, "chat_completion_custom_tool_param", "CustomFormatGrammar"),
    (settings.Grammar, "chat_completion_custom_tool_param", "CustomFormatGrammarGrammar"),
    (chat_tools.FunctionChoice, "chat_completion_named_tool_choice_param", None),
    (chat_tools.CustomChoice, "chat_completion_named_tool_choice_custom_param", None),
    (chat_tools.AllowedChoice, "chat_completion_allowed_tool_choice_param", None),
    (chat_tools.AllowedTools, "chat_completion_allowed_tools_param", None),
    (content.TextPart, "chat_completion_content_part_text_param", None),
    (content.CacheBreakpoint, "chat_completion_content_part_text_param", "PromptCacheBreakpoint"),
    (content.ImagePart, "chat_completion_content_part_image_param", None),
    (content.ImageUrl, "chat_completion_content_part_image_param", "ImageURL"),
    (content.SoundPart, "chat_completion_content_part_input_audio_param", None),
    (content.Sound, "chat_completion_content_part_input_audio_param", "InputAudio"),
    (content.FilePart, "chat_completion_content_part_param", "File"),
    (content.FileSource, "chat_completion_content_part_param", "FileFile"),
    (content.RefusalPart, "chat_completion_content_part_refusal_param", None),
    (content.FunctionCall, "chat_completion_message_function_tool_call_param", None),
    (content.CalledFunction, "chat_completion_message_function_tool_call_param", "Function"),
    (content.CustomCall, "chat_completion_message_custom_tool_call_param", None),
    (content.CalledCustom, "chat_completion_message_custom_tool_call_param", "Custom"),
    (messages.SystemMessage, "chat_completion_system_message_param", None),
    (messages.DeveloperMessage, "chat_completion_developer_message_param", None),
    (messages.UserMessage, "chat_completion_user_message_param", None),
    (messages.FormerSound, "chat_completion_assistant_message_param", "Audio"),
    (messages.ToolMessage, "chat_completion_tool_message_param", None),
    (messages.FunctionMessage, "chat_completion_function_message_param", None),
]
SHARED = [
    (chat_tools.Function, "function_definition", "FunctionDefinition"),
    (chat_requests.SchemaFormat, "response_format_json_schema", "ResponseFormatJSONSchema"),
    (chat_requests.JsonSchema, "response_format_json_schema", "JSONSchema"),
    (settings.AnyJson, "response_format_json_object", "ResponseFormatJSONObject"),
    (settings.Plain, "response_format_text", "ResponseFormatText"),
]


@pytest.mark.parametrize(("model", "module", "name"), PAIRS)
def test_every_documented_field_is_taken(
    documented: Any, model: Any, module: str, name: str | None
) -> None:
    found = import_module(f"openai.types.chat.{module}")
    documented(model, getattr(found, name or found.__all__[0]))


@pytest.mark.parametrize(("model", "module", "name"), SHARED)
def test_every_documented_field_of_shared_objects_is_taken(
    documented: Any, model: Any, module: str, name: str
) -> None:
    found = import_module(f"openai.types.shared_params.{module}")
    documented(model, getattr(found, name))


def test_an_assistants_message_is_taken_as_a_reply_has_it(documented: Any) -> None:
    found = import_module("openai.types.chat.chat_completion_assistant_message_param")
    message = found.ChatCompletionAssistantMessageParam
    documented(messages.AssistantMessage, message, also="annotations")
