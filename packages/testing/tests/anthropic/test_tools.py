"""Tools of the client's own are checked, and those of the provider are known by their types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}
LOOK = {"name": "look", "input_schema": OPEN}
CLOSED = {**OPEN, "additionalProperties": False}


def test_a_tool_is_taken_with_all_its_fields(taken: Callable[..., None]) -> None:
    tool = {
        "type": "custom",
        "name": "look",
        "description": "looks",
        "input_schema": CLOSED,
        "strict": True,
        "cache_control": {"type": "ephemeral"},
        "defer_loading": False,
        "eager_input_streaming": None,
        "allowed_callers": ["direct"],
        "input_examples": [{"a": "b"}],
    }
    taken(tools=[tool, {**LOOK, "type": None, "name": "again"}])


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "bash_20250124", "name": "bash"},
        {"type": "memory_20250818", "name": "memory"},
        {"type": "text_editor_20250124", "name": "str_replace_editor"},
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
        {"type": "code_execution_20260521", "name": "code_execution"},
        {"type": "web_search_20260318", "name": "web_search", "max_uses": 3},
        {"type": "web_fetch_20260318", "name": "web_fetch", "citations": {"enabled": True}},
        {"type": "tool_search_tool_regex", "name": "tool_search_tool_regex"},
        {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
        {"type": "browser_toolset_20260801", "configs": None},
        {"type": "computer_toolset_20260801"},
    ],
    ids=lambda tool: str(tool["type"]),
)
def test_a_tool_of_the_provider_is_taken(taken: Callable[..., None], tool: dict[str, Any]) -> None:
    taken(tools=[tool])


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([{"name": "look"}], "tools.0.custom.input_schema: Field required"),
        ([{"name": "look", "input_schema": {}}], "tools.0.custom.input_schema.type: Field"),
        (
            [{"name": "look", "input_schema": {"type": "string"}}],
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        ([{**LOOK, "name": "look at"}], "tools.0.custom.name: String should match pattern"),
        ([{**LOOK, "parameters": {}}], "tools.0.custom.parameters: Extra inputs are not"),
        ([{**LOOK, "strict": "yes"}], "tools.0.custom.strict: Input should be a valid boolean"),
        ([LOOK, LOOK], "tools: Tool names must be unique."),
        ([{"type": "web_search_1999", "name": "web_search"}], "tools.0: Input tag"),
        ([{"type": "bash_20250124", "name": "zsh"}], "tools.0.bash_20250124.name: Input"),
        (
            [{**LOOK, "strict": True}],
            "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly",
        ),
    ],
    ids=str,
)
def test_a_bad_tool_is_refused(
    refused: Callable[..., str], tools: list[dict[str, Any]], words: str
) -> None:
    assert words in refused(tools=tools)


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "auto"},
        {"type": "any", "disable_parallel_tool_use": True},
        {"type": "tool", "name": "look"},
        {"type": "none"},
    ],
    ids=str,
)
def test_each_choice_of_tools_is_taken(taken: Callable[..., None], choice: dict[str, Any]) -> None:
    taken(tools=[LOOK], tool_choice=choice)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tool_choice": "auto"}, "tool_choice: Input should be a valid dictionary"),
        ({"tool_choice": {"type": "auto"}}, "tool_choice may only be specified while providing"),
        ({"tools": [LOOK], "tool_choice": {"type": "some"}}, "tool_choice: Input tag 'some'"),
        ({"tools": [LOOK], "tool_choice": {"type": "tool"}}, "tool_choice.tool.name: Field"),
        (
            {"tools": [LOOK], "tool_choice": {"type": "tool", "name": "leap"}},
            "Tool 'leap' not found in provided tools",
        ),
        (
            {"tools": [LOOK], "tool_choice": {"type": "none", "disable_parallel_tool_use": True}},
            "tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted",
        ),
    ],
    ids=str,
)
def test_a_bad_choice_is_refused(
    refused: Callable[..., str], fields: dict[str, Any], words: str
) -> None:
    assert words in refused(**fields)
