"""Fields are taken with their types, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest

from racto.testing.anthropic.requests import MessageRequest, OldMessageRequest

OLD = "2023-06-01"
EVERY_FIELD: dict[str, Any] = {
    "cache_control": {"type": "ephemeral", "ttl": "1h"},
    "container": {"id": "c", "skills": [{"type": "anthropic", "skill_id": "pdf"}]},
    "diagnostics": {"previous_message_id": None},
    "inference_geo": "eu",
    "metadata": {"user_id": "u"},
    "output_config": {"effort": "xhigh"},
    "service_tier": "standard_only",
    "speed": "fast",
    "stop_sequences": ["END"],
    "stream": False,
    "system": [{"type": "text", "text": "be kind", "cache_control": None}],
    "thinking": {"type": "adaptive", "display": "summarized"},
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "tools": [{"name": "look", "input_schema": {"type": "object"}}],
}


def test_every_documented_field_is_taken(taken: Callable[..., None]) -> None:
    assert set(EVERY_FIELD) | {"model", "max_tokens", "messages"} == set(
        MessageRequest.model_fields
    )
    taken(**EVERY_FIELD)


@pytest.mark.parametrize(
    "fields",
    [
        {"system": "be kind"},
        {"container": "c-1"},
        {"container": None, "speed": None, "diagnostics": None, "cache_control": None},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 1025},
        {"thinking": {"type": "disabled"}},
        {"thinking": {"type": "between_tools"}},
        {"output_config": {"effort": None, "format": None}},
    ],
    ids=str,
)
def test_fields_are_taken_in_each_of_their_forms(
    taken: Callable[..., None], fields: dict[str, Any]
) -> None:
    taken(**fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"colour": 1}, "colour: Extra inputs are not permitted"),
        ({"temperature": 0.5}, "temperature: Extra inputs are not permitted"),
        ({"top_p": 0.5}, "top_p: Extra inputs are not permitted"),
        ({"top_k": 5}, "top_k: Extra inputs are not permitted"),
        ({"context_management": {}}, "context_management: Extra inputs are not permitted"),
        ({"max_tokens": "5"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
        ({"model": ""}, "model: String should have at least 1 character"),
        ({"messages": "hi"}, "messages: Input should be a valid list"),
        ({"system": 5}, "system: Input should be a valid list"),
        ({"system": None}, "system: Input should be a valid list"),
        ({"tools": None}, "tools: Input should be a valid list"),
        ({"stream": "yes"}, "stream: Input should be a valid boolean"),
        ({"stop_sequences": "END"}, "stop_sequences: Input should be a valid list"),
        ({"metadata": {"name": "x"}}, "metadata.name: Extra inputs are not permitted"),
        ({"service_tier": "best"}, "service_tier: Input should be 'auto' or 'standard_only'"),
        ({"output_config": {"effort": "some"}}, "output_config.effort: Input should be 'low'"),
        ({"output_config": {"format": {"type": "json_schema"}}}, ".format.schema: Field required"),
        (
            {"messages": [{"role": "robot", "content": "hi"}]},
            "messages.0.role: Input should be 'user', 'assistant' or 'system'",
        ),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content: Input should be"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages.0.content.0.text.text: Field required",
        ),
        (
            {"messages": [{"role": "user", "content": "hi", "name": "x"}]},
            "messages.0.name: Extra inputs are not permitted",
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1023}},
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
        ({"thinking": {"type": "loud"}}, "thinking: Input tag 'loud'"),
    ],
    ids=str,
)
def test_what_the_api_does_not_take_is_refused_by_its_place(
    refused: Callable[..., str], fields: dict[str, Any], words: str
) -> None:
    assert words in refused(**fields)


@pytest.mark.parametrize("field", ["model", "max_tokens", "messages"])
def test_a_field_that_is_missing_is_named(sdk: Any, ask: dict[str, Any], field: str) -> None:
    del ask[field]
    with pytest.raises(Exception, match=f"{field}: Field required"):
        sdk.post("/v1/messages", body=ask, cast_to=object)


def test_the_old_version_still_takes_sampling(
    taken: Callable[..., None], refused: Callable[..., str]
) -> None:
    taken(version=OLD, temperature=1, top_p=0.5, top_k=5)
    assert refused(version=OLD, temperature=1.5).startswith("temperature: Input should be less")


def test_sampling_is_all_that_the_old_version_takes_besides() -> None:
    fields = set(OldMessageRequest.model_fields) - set(MessageRequest.model_fields)
    assert fields == {"temperature", "top_k", "top_p"}


def test_beta_fields_are_taken_with_a_beta_header(sdk: Any, ask: dict[str, Any]) -> None:
    answer = sdk.beta.messages.create(
        **ask, betas=["context-management-2025-06-27"], context_management={"edits": []}
    )
    assert answer.content[0].text == "ok"


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "mcp_toolset", "mcp_server_name": "n"}]},
        {"tools": [{"type": "computer_20250124", "name": "computer", "display_width_px": 1}]},
        {
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": [{"type": "compaction", "content": "x"}]},
                {"role": "user", "content": [{"type": "text", "text": "hi", "brand_new": 1}]},
            ]
        },
    ],
    ids=["toolset", "computer", "blocks"],
)
def test_unknown_kinds_and_nested_fields_pass_with_a_beta_header_alone(
    sdk: Any, ask: dict[str, Any], refused: Any, fields: dict[str, Any]
) -> None:
    answer = sdk.beta.messages.create(**{**ask, **fields}, betas=["some-beta-2026-01-01"])
    assert answer.stop_reason == "end_turn"
    assert sdk.beta.messages.count_tokens(
        model="m", **{"messages": ask["messages"], **fields}, betas=["some-beta-2026-01-01"]
    ).input_tokens
    assert refused(**fields)


def test_a_misspelt_field_is_refused_with_a_beta_header_too(sdk: Any, ask: dict[str, Any]) -> None:
    with pytest.raises(anthropic.BadRequestError, match="max_token: Extra inputs"):
        sdk.beta.messages.create(**ask, betas=["x"], extra_body={"max_token": 1})
