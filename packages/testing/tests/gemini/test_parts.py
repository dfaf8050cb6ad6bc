"""The API takes every part that Google's client has a field for, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import types
from pydantic import BaseModel

from racto.testing.gemini import parts, settings, tools
from racto.testing.gemini.messages import Message
from racto.testing.gemini.protojson import Faults
from racto.testing.gemini.schemas import SCHEMA

# The client's own names of fields that travel under others, and of one that it documents elsewhere.
ONLY_THERE = {"modelSelectionConfig"}
ONLY_HERE = {"modelConfig", "imageConfig"}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize(
    ("message", "documented"),
    [
        (parts.PART, types.Part),
        (parts.CONTENT, types.Content),
        (parts.BLOB, types.Blob),
        (parts.FILE_DATA, types.FileData),
        (parts.FUNCTION_CALL, types.FunctionCall),
        (parts.FUNCTION_RESPONSE, types.FunctionResponse),
        (tools.TOOL, types.Tool),
        (tools.FUNCTION, types.FunctionDeclaration),
        (tools.TOOL_CONFIG, types.ToolConfig),
        (settings.SETTINGS, types.GenerationConfig),
        (settings.THINKING, types.ThinkingConfig),
        (settings.SAFETY, types.SafetySetting),
        (SCHEMA, types.Schema),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_documented_field_is_known(message: Message, documented: type[BaseModel]) -> None:
    names = {camel(name) for name in documented.model_fields}
    assert names - ONLY_THERE <= message.names
    assert message.names - names <= ONLY_HERE


@pytest.mark.parametrize(
    ("enum", "field"),
    [
        (types.ThinkingLevel, {"thinkingConfig": "thinkingLevel"}),
        (types.MediaResolution, {"mediaResolution": ""}),
        (types.Modality, {"responseModalities": ""}),
    ],
)
def test_each_documented_value_is_known(enum: Any, field: dict[str, str]) -> None:
    faults = Faults()
    ((name, inner),) = field.items()
    for value in enum:
        settings.SETTINGS.read({name: {inner: value.value} if inner else value.value}, "", faults)
    assert faults.found == []


def test_each_harm_and_threshold_is_known() -> None:
    faults = Faults()
    for category in types.HarmCategory:
        for threshold in types.HarmBlockThreshold:
            setting = {"category": category.value, "threshold": threshold.value}
            assert settings.SAFETY.read(setting, "", faults) == setting
    assert faults.found == []
