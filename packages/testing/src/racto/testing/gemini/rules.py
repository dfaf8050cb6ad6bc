"""What a well-typed generation may still have wrong; refused in Google's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .failures import refusal
from .schemas import schema_faults
from .turns import part_faults, turn_fault

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
_MIME_TYPES = (
    "text/plain",
    "application/json",
    "application/xml",
    "application/yaml",
    "text/x.enum",
)
# These modes bind the model to functions, so that there must be one.
_FORCED = ("ANY", "VALIDATED")

# Smallest and largest value of each number, both allowed.
_RANGES: dict[str, tuple[str, float, float]] = {
    "temperature": ("temperature", 0.0, 2.0),
    "topP": ("top_p", 0.0, 1.0),
    "candidateCount": ("candidate_count", 1, 8),
    "presencePenalty": ("presence_penalty", -2.0, 2.0),
    "frequencyPenalty": ("frequency_penalty", -2.0, 2.0),
    "logprobs": ("logprobs", 0, 20),
}


def check_generation(request: Mapping[str, Any]) -> None:
    """Refuse a request for words that breaks a rule.

    Args:
        request: The request, as it was read.

    Raises:
        Refusal: If it does.
    """
    check_fields(
        "GenerateContentRequest",
        [*_content_faults(request), *_tool_faults(request), *_setting_faults(request)],
    )
    contents = request.get("contents", ())
    fault = (
        (turn_fault(contents) if contents else None)
        or _function_fault(request)
        or _thinking_fault(request.get("generationConfig", {}).get("thinkingConfig", {}))
    )
    if fault:
        raise refusal(fault)


def check_fields(message: str, faults: list[str]) -> None:
    """Refuse a request with wrong fields, all told at once.

    Args:
        message: Name of the request's type.
        faults: Place and words of each fault.

    Raises:
        Refusal: If there are any.
    """
    if faults:
        raise refusal("".join(f"* {message}.{told}\n" for told in faults))


def content_faults(contents: list[Any]) -> Iterator[str]:
    """What a conversation's turns lack.

    Args:
        contents: The turns, as they were read.
    """
    for number, content in enumerate(contents):
        yield from part_faults(content, f"contents[{number}]")


def _content_faults(request: Mapping[str, Any]) -> Iterator[str]:
    if not request.get("contents"):
        yield "contents: contents is not specified"
    yield from content_faults(request.get("contents", []))
    if "systemInstruction" in request:
        yield from part_faults(request["systemInstruction"], "system_instruction")


def _tool_faults(request: Mapping[str, Any]) -> Iterator[str]:
    for number, tool in enumerate(request.get("tools", ())):
        if not tool:
            yield f"tools[{number}].tool_type: required one_of 'tool_type' must have one initialized field"
        for place, function in enumerate(tool.get("functionDeclarations", ())):
            at = f"tools[{number}].function_declarations[{place}]"
            yield from _declaration_faults(function, at)


def _declaration_faults(function: Mapping[str, Any], at: str) -> Iterator[str]:
    if not _NAME.fullmatch(function.get("name", "")):
        yield (
            f"{at}.name: Invalid function name. Must start with a letter or an underscore. Must be"
            " alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-),"
            " with a maximum length of 128."
        )
    for field, path in (("parameters", "parameters"), ("response", "response")):
        whole = function.get(f"{field}JsonSchema")
        if field in function and whole is not None:
            yield f"{at}.{path}: only one of {path} and {path}_json_schema can be set"
        if field in function:
            yield from schema_faults(function[field], f"{at}.{path}")
        if whole is not None and not isinstance(whole, dict):
            yield f"{at}.{path}_json_schema: must be a JSON Schema"
    # Arguments come as an object; a function of one bare value cannot be called.
    if function.get("parameters", {}).get("type", "OBJECT") != "OBJECT":
        yield f"{at}.parameters.type: must be OBJECT"
    whole = function.get("parametersJsonSchema")
    if isinstance(whole, dict) and whole.get("type", "object") != "object":
        yield f"{at}.parameters_json_schema: must describe an object"


def _setting_faults(request: Mapping[str, Any]) -> Iterator[str]:
    settings = request.get("generationConfig", {})
    for field, (path, low, high) in _RANGES.items():
        if field in settings and not low <= settings[field] <= high:
            yield f"generation_config.{path}: {path} must be in the range [{low}, {high}]."
    for field, path in (("maxOutputTokens", "max_output_tokens"), ("topK", "top_k")):
        if settings.get(field, 1) < 1:
            yield f"generation_config.{path}: {path} must be positive."
    if len(settings.get("stopSequences", ())) > 5:
        yield "generation_config.stop_sequences: at most 5 stop sequences are allowed"
    if "logprobs" in settings and not settings.get("responseLogprobs"):
        yield "generation_config.logprobs: can only be set if response_logprobs is true"
    yield from _format_faults(settings)


def _format_faults(settings: Mapping[str, Any]) -> Iterator[str]:
    mime_type = settings.get("responseMimeType", "text/plain")
    if mime_type not in _MIME_TYPES:
        told = ", ".join(f"`{each}`" for each in _MIME_TYPES[:-1])
        yield (
            "generation_config.response_mime_type: allowed mimetypes are"
            f" {told} and `{_MIME_TYPES[-1]}`."
        )
    schemas = [
        name for name in ("responseSchema", "responseJsonSchema") if settings.get(name) is not None
    ]
    if len(schemas) == 2:
        yield (
            "generation_config.response_schema: only one of response_schema and"
            " response_json_schema can be set"
        )
    if schemas and mime_type not in ("application/json", "text/x.enum"):
        yield (
            "generation_config.response_schema: only allowed when response_mime_type is"
            " 'application/json' or 'text/x.enum'"
        )
    if "responseSchema" in settings:
        yield from schema_faults(settings["responseSchema"], "generation_config.response_schema")


def _function_fault(request: Mapping[str, Any]) -> str | None:
    tools = request.get("tools", ())
    names = [each["name"] for tool in tools for each in tool.get("functionDeclarations", ())]
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        return f"Duplicate function declaration found: {doubles[0]}"
    config = request.get("toolConfig", {}).get("functionCallingConfig", {})
    mode, allowed = config.get("mode", "AUTO"), config.get("allowedFunctionNames", [])
    if mode in _FORCED and not names:
        return "Function calling config is set without function_declarations."
    if allowed and mode not in _FORCED:
        return "allowed_function_names can only be set when the function calling mode is ANY."
    if unknown := [name for name in allowed if name not in names]:
        return f"allowed_function_names holds a function that is not declared: {unknown[0]}"
    return None


def _thinking_fault(config: Mapping[str, Any]) -> str | None:
    if "thinkingBudget" in config and "thinkingLevel" in config:
        return "You can only set only one of thinking budget and thinking level."
    budget = config.get("thinkingBudget", 0)
    # -1 lets the model choose, 0 switches thinking off.
    if not -1 <= budget <= 32768:
        told = f"The thinking budget {budget} is invalid."
        return f"{told} Please choose a value between 0 and 32768."
    return None
