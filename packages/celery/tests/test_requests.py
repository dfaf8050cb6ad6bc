"""Payloads from what callers give."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from racto.celery.requests import payload_of
from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.tools import ToolRegistry
from racto.core.usage import Usage

DEFAULTS = {"temperature": 0.7, "max_tokens": 9}


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        ("x", {"user_message": "x", **DEFAULTS}),
        ({"user_message": "x", "temperature": 0.0}, {"temperature": 0.0, "max_tokens": 9}),
        ({"user_message": "x", "temperature": None}, {"temperature": None}),
        ({"user_message": "x", "max_tokens": 1, "seed": 0}, {"max_tokens": 1, "seed": 0}),
    ],
)
def test_items_values_go_before_defaults(item: Any, fields: dict[str, Any]) -> None:
    config = payload_of(item, DEFAULTS).config
    assert fields.items() <= config.items()


def test_whole_request_takes_no_defaults() -> None:
    assert payload_of(ChatConfig(user_message="x"), DEFAULTS).config == {"user_message": "x"}


def prompt(output_format: Any) -> RactoPrompt:
    return RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=output_format)


def test_model_of_a_prompt_travels_too() -> None:
    class Local(BaseModel):
        n: int

    assert payload_of({"user_message": "x", "prompt": prompt("text")}, {}).response_model is None
    found = payload_of({"user_message": "x", "prompt": prompt(Usage)}, {})
    assert found.response_model == "racto.core.usage:Usage"
    found = payload_of({"user_message": "x", "prompt": prompt(Local)}, {})
    assert isinstance(found.response_model, dict)
    assert found.response_model["required"] == ["n"]
    # What a caller says goes before what the prompt suggests.
    said = {"user_message": "x", "prompt": prompt(Local), "response_model": Usage}
    assert payload_of(said, {}).response_model == "racto.core.usage:Usage"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tools": "get_price"}, "tools: give the names"),
        ({"tools": [len]}, "tools: give the names"),
        ({"tool_choice": "get_price"}, "tool_choice: 'get_price' is none of the tools"),
        ({"tools": ["a"], "tool_choice": "b"}, r"none of the tools \['a'\]"),
        ({"auto_execute_tools": True}, "auto_execute_tools"),
        ({"tool_context": (1,)}, "tool_context"),
        ({"response_model": 7}, "response_model: give a pydantic model"),
        ({"response_model": "NoPath"}, "response_model: give a pydantic model"),
        ({"history": [{"role": "nobody", "content": "x"}]}, "history"),
    ],
)
def test_what_cannot_travel_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        payload_of({"user_message": "x", **fields}, {})


def test_registry_stands_for_its_names() -> None:
    registry = ToolRegistry([Usage])
    payload = payload_of({"user_message": "x", "tools": registry, "tool_choice": "required"}, {})
    assert payload.tools == tuple(registry.tools)
    assert payload.config["tool_choice"] == "required"
