"""Whole replies: every block, every reason to stop, every count of tokens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import FinishReason, Usage
from racto.core.content import ProviderPart, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from racto.core.usage import UsageState
from racto.providers.anthropic.blocks import assistant_blocks
from racto.providers.anthropic.replies import read_reply, read_usage
from racto.providers.kits import Omissions

CITATION = {"type": "char_location", "cited_text": "sea", "document_index": 0}
SEARCH = {
    "type": "server_tool_use",
    "id": "srvtoolu_1",
    "name": "web_search",
    "input": {"query": "sea"},
}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
BLOCKS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "hm", "signature": "s1"},
    {"type": "redacted_thinking", "data": "s2"},
    SEARCH,
    FOUND,
    {"type": "text", "text": "the "},
    {"type": "text", "text": "sea", "citations": [CITATION]},
    {"type": "compaction", "content": "what was said"},
    {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
]


def reply(*blocks: dict[str, Any], **more: Any) -> Any:
    return read_reply({"id": "msg_1", "model": "m", "content": list(blocks), **more})


def test_every_block_becomes_a_part_in_its_place() -> None:
    response = reply(*BLOCKS, stop_reason="tool_use")
    assert [type(part) for part in response.parts] == [
        ReasoningPart, ReasoningPart, ProviderPart, ProviderPart, TextPart, TextPart, ProviderPart,
        ToolCallPart,
    ]  # fmt: skip
    assert (response.content, response.thinking) == ("the sea", "hm")
    assert response.parts[1].redacted
    assert response.parts[5].citations == (CITATION,)
    assert response.tool_calls[0].arguments == {"a": 1}
    assert type(response.tool_calls[0]).__name__ == "ToolCallResult"


def test_a_reply_goes_back_as_it_came() -> None:
    parts = reply(*BLOCKS).message.parts
    assert assistant_blocks(parts, Omissions("raise", provider="anthropic")) == BLOCKS


def test_blocks_that_say_nothing_make_no_parts() -> None:
    silent = {"type": "thinking", "thinking": "", "signature": ""}
    response = reply({"type": "text", "text": ""}, silent)
    assert (response.parts, response.content, response.thinking) == ((), None, None)


def test_hidden_thinking_keeps_its_signature() -> None:
    response = reply({"type": "thinking", "thinking": "", "signature": "s"})
    assert response.parts[0].signature == "s"
    assert response.thinking is None


def test_arguments_that_are_no_object_are_kept_as_the_model_wrote_them() -> None:
    [call] = reply({"type": "tool_use", "id": "a", "name": "f", "input": "{oops"}).tool_calls
    assert call.is_malformed
    assert call.raw_arguments == '"{oops"'


def test_a_call_by_other_code_remembers_its_caller() -> None:
    block = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    caller = {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}
    [call] = reply({**block, "caller": caller}).tool_calls
    assert call.signature
    [direct] = reply({**block, "caller": {"type": "direct"}}).tool_calls
    assert direct.signature is None


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        ("end_turn", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("max_tokens", FinishReason.LENGTH),
        ("tool_use", FinishReason.TOOL_CALL),
        ("pause_turn", FinishReason.PAUSE),
        ("refusal", FinishReason.REFUSAL),
        ("model_context_window_exceeded", FinishReason.CONTEXT_OVERFLOW),
        ("out_of_ink", FinishReason.UNKNOWN),
    ],
)
def test_every_reason_to_stop_is_told_with_the_apis_word(raw: str, finish: FinishReason) -> None:
    response = reply(stop_reason=raw)
    assert (response.finish_reason, response.raw_finish_reason) == (finish, raw)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"type": "refusal", "category": "bio", "explanation": "Not that."}, "Not that."),
        ({"type": "refusal", "category": "bio", "explanation": None}, "bio"),
        ({"type": "refusal", "category": None, "explanation": None}, None),
        (None, None),
    ],
)
def test_a_refusal_says_why_as_far_as_the_api_does(details: Any, words: str | None) -> None:
    response = reply(stop_reason="refusal", stop_details=details)
    assert response.refusal == words
    assert response.parts == ((RefusalPart(text=words),) if words else ())


def test_usage_stands_in_buckets_that_add_up() -> None:
    usage = read_usage(
        {
            "input_tokens": 10,
            "cache_read_input_tokens": 20,
            "cache_creation_input_tokens": 70,
            "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 40},
            "output_tokens": 50,
            "output_tokens_details": {"thinking_tokens": 15},
            "server_tool_use": {"web_search_requests": 1},
        }
    )
    assert usage == Usage(
        input_tokens=10,
        cache_read_tokens=20,
        cache_write_5m_tokens=30,
        cache_write_1h_tokens=40,
        output_tokens=50,
        reasoning_tokens=15,
    )
    assert usage.total_tokens == 150


@pytest.mark.parametrize("data", [None, [], {}, {"input_tokens": "many"}])
def test_usage_that_was_not_reported_is_unknown_and_not_zero(data: Any) -> None:
    assert read_usage(data).state is UsageState.UNKNOWN


def test_usage_without_its_input_is_partial() -> None:
    usage = read_usage({"output_tokens": 3})
    assert (usage.total_tokens, usage.state) == (3, UsageState.PARTIAL)


_COUNTS = st.one_of(st.none(), st.integers(min_value=-5, max_value=10**6), st.just("7"))


@given(st.fixed_dictionaries({}, optional={
    "cache_creation_input_tokens": _COUNTS,
    "cache_read_input_tokens": _COUNTS,
    "output_tokens": _COUNTS,
    "cache_creation": st.fixed_dictionaries({}, optional={
        "ephemeral_5m_input_tokens": _COUNTS, "ephemeral_1h_input_tokens": _COUNTS,
    }),
    "output_tokens_details": st.fixed_dictionaries({}, optional={"thinking_tokens": _COUNTS}),
}))  # fmt: skip
def test_any_report_of_usage_can_be_read(data: dict[str, Any]) -> None:
    usage = read_usage({"input_tokens": 1, **data})
    told = data.get("cache_creation_input_tokens")
    written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
    assert written >= (told if isinstance(told, int) else 0)
    assert usage.reasoning_tokens <= usage.output_tokens
