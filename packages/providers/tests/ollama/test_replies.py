"""Replies are read without loss, and counts that were not told are not made up."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import FinishReason, ReasoningPart, TextPart, ToolCallPart, UsageState
from racto.providers.ollama.replies import read_finish, read_reply, read_usage


def reply(message: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "model": "qwen3",
        "created_at": "2026-11-22T10:00:00.5Z",
        "message": {"role": "assistant", "content": "Hello", **(message or {})},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 11,
        "eval_count": 7,
        **fields,
    }


def test_words_thinking_and_model_are_kept() -> None:
    response = read_reply(reply({"thinking": "Hm."}))
    assert (response.content, response.thinking) == ("Hello", "Hm.")
    assert response.parts == (
        ReasoningPart(text="Hm.", provider="ollama", model="qwen3"),
        TextPart(text="Hello"),
    )
    assert (response.provider, response.model) == ("ollama", "qwen3")
    assert response.finish_reason is FinishReason.STOP
    assert response.raw_finish_reason == "stop"
    assert response.usage.total_tokens == 18


def test_calls_have_ids_of_their_own_and_end_the_turn() -> None:
    calls = [
        {"function": {"name": "weather", "arguments": {"city": "Rome"}}},
        {"function": {"index": 1, "name": "weather", "arguments": {"city": "Oslo"}}},
        {"id": "call_x", "function": {"name": "now"}},
        {"function": {"name": "now", "arguments": "not an object"}},
    ]
    response = read_reply(reply({"content": "", "tool_calls": calls}))
    first, second, given, malformed = response.tool_calls
    assert first.id.startswith("ollama_2026")
    assert len({call.id for call in response.tool_calls}) == 4
    assert (first.arguments, second.arguments) == ({"city": "Rome"}, {"city": "Oslo"})
    assert (given.id, given.arguments) == ("call_x", {})
    assert malformed.raw_arguments == "not an object"
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert response.content is None
    assert [type(part) for part in response.parts] == [ToolCallPart] * 4
    again = read_reply(reply({"content": "", "tool_calls": calls}))
    assert again.tool_calls == response.tool_calls


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("load", FinishReason.UNKNOWN),
        ("unload", FinishReason.UNKNOWN),
        ("something new", FinishReason.UNKNOWN),
        (None, FinishReason.STOP),
    ],
)
def test_finish_reasons(raw: str | None, finish: FinishReason) -> None:
    assert read_finish(raw) is finish
    assert read_reply(reply(done_reason=raw)).raw_finish_reason == raw


def test_a_cut_reply_with_calls_stays_cut() -> None:
    call = {"function": {"name": "now", "arguments": {}}}
    response = read_reply(reply({"tool_calls": [call]}, done_reason="length"))
    assert response.finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize(
    ("told", "counts", "state"),
    [
        ({"prompt_eval_count": 9, "eval_count": 4}, (9, 0, 4), UsageState.MEASURED),
        (
            {"prompt_eval_count": 9, "prompt_eval_cached_count": 6, "eval_count": 4},
            (3, 6, 4),
            UsageState.MEASURED,
        ),
        (
            {"prompt_eval_count": 9, "prompt_eval_cached_count": 90, "eval_count": 4},
            (0, 9, 4),
            UsageState.MEASURED,
        ),
        ({"eval_count": 4}, (0, 0, 4), UsageState.PARTIAL),
        ({"prompt_eval_count": 9}, (9, 0, 0), UsageState.PARTIAL),
        ({"prompt_eval_count": "many", "eval_count": -1}, (0, 0, 0), UsageState.UNKNOWN),
        ({}, (0, 0, 0), UsageState.UNKNOWN),
    ],
)
def test_usage_is_what_was_told(
    told: dict[str, Any], counts: tuple[int, int, int], state: UsageState
) -> None:
    usage = read_usage(told)
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) == counts
    assert usage.state is state


def test_logprobs_are_read() -> None:
    tokens = [
        {"token": "He", "logprob": -0.1, "top_logprobs": [{"token": "He", "logprob": -0.1}]},
        {"token": "llo", "logprob": -0.2},
    ]
    response = read_reply(reply(logprobs=tokens))
    assert response.logprobs is not None
    assert [each.token for each in response.logprobs] == ["He", "llo"]
    assert response.logprobs[0].alternatives[0].logprob == -0.1
    assert read_reply(reply()).logprobs is None
