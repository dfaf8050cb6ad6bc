"""Usage of both APIs: disjoint buckets that add up, whatever a server reports."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import UsageState
from racto.providers.openai.usage import chat_usage, responses_usage

COUNT = st.integers(0, 10_000)
NAMES = {
    chat_usage: ("prompt_tokens", "completion_tokens"),
    responses_usage: ("input_tokens", "output_tokens"),
}


@pytest.mark.parametrize("read", NAMES)
@given(st.data())
def test_buckets_are_disjoint_and_add_up(read: Any, data: st.DataObject) -> None:
    sent, made = NAMES[read]
    prompt, output, cached, written, lasting, reasoning = (data.draw(COUNT) for _ in range(6))
    usage = read(
        {
            sent: prompt,
            made: output,
            f"{sent}_details": {
                "cached_tokens": cached,
                "cache_write_tokens": written,
                "cache_write_tokens_details": {"ttl_12h_tokens": lasting},
            },
            f"{made}_details": {"reasoning_tokens": reasoning},
        }
    )
    assert usage.prompt_tokens == prompt
    assert usage.total_tokens == prompt + output
    assert usage.reasoning_tokens <= usage.output_tokens
    assert usage.state is UsageState.MEASURED


def test_each_bucket_gets_its_own() -> None:
    usage = responses_usage(
        {
            "input_tokens": 100,
            "input_tokens_details": {
                "cached_tokens": 20,
                "cache_write_tokens": 30,
                "cache_write_tokens_details": {"ttl_12h_tokens": 10, "ttl_30m_tokens": 20},
            },
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 4},
        }
    )
    assert (usage.input_tokens, usage.cache_read_tokens) == (50, 20)
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (20, 10)
    assert (usage.output_tokens, usage.reasoning_tokens) == (9, 4)


def test_deepseek_tells_cached_tokens_under_another_name() -> None:
    usage = chat_usage({"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 8})
    assert (usage.input_tokens, usage.cache_read_tokens) == (1, 8)


@pytest.mark.parametrize("read", NAMES)
@pytest.mark.parametrize("data", [None, {}, [], "x", {"total_tokens": 3}])
def test_usage_that_was_not_reported_is_unknown(read: Any, data: Any) -> None:
    assert read(data).state is UsageState.UNKNOWN


@pytest.mark.parametrize("details", [None, 3, [], {"cached_tokens": None}])
def test_details_that_are_none_are_no_details(details: Any) -> None:
    usage = chat_usage(
        {"prompt_tokens": 3, "completion_tokens": None, "prompt_tokens_details": details}
    )
    assert usage.total_tokens == 3
