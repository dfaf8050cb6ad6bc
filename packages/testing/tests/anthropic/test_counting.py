"""Tokens are counted by a rule that a test can follow by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from hypothesis import given, strategies as st

from racto.testing import AnthropicServer
from racto.testing.anthropic import TOKENS_OF_DOCUMENT, TOKENS_OF_IMAGE, TOKENS_OF_MESSAGE
from racto.testing.anthropic.counting import count_tokens

PATH = "/v1/messages/count_tokens"


def user(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(blocks)}]


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def image() -> dict[str, Any]:
    return {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}


def document(source: dict[str, Any]) -> dict[str, Any]:
    return {"type": "document", "source": source}


PLAIN = {"type": "text", "media_type": "text/plain", "data": "x" * 8}


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({"messages": user(text("x" * 8))}, 2),
        ({"messages": user(text("x" * 9), text("x"))}, 4),
        ({"messages": user(image())}, TOKENS_OF_IMAGE),
        ({"messages": user(document(PLAIN))}, 2),
        ({"messages": user(document({"type": "content", "content": "x" * 8}))}, 2),
        ({"messages": user(document({"type": "file", "file_id": "f"}))}, TOKENS_OF_DOCUMENT),
        ({"messages": user(text("x")), "system": "x" * 8}, 3),
        (
            {
                "messages": user(text("x")),
                "output_config": {"format": {"type": "json_schema", "schema": {"type": "string"}}},
            },
            # {"type":"string"} has 17 characters.
            1 + 5,
        ),
    ],
    ids=["one text", "two", "image", "plain", "blocks", "file", "system", "schema"],
)
def test_each_part_counts_by_its_rule(fields: dict[str, Any], tokens: int) -> None:
    assert count_tokens(fields) == tokens + TOKENS_OF_MESSAGE


def test_calls_and_their_results_count() -> None:
    # "look" and {"a":1} are one token and two; the result is two.
    call = {"type": "tool_use", "id": "t1", "name": "look", "input": {"a": 1}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "x" * 8}
    messages = [
        *user(text("x")),
        {"role": "assistant", "content": [call]},
        *user(result),
    ]
    assert count_tokens({"messages": messages}) == 1 + (1 + 2) + 2 + 3 * TOKENS_OF_MESSAGE


def test_a_tool_counts_as_its_json_without_marks() -> None:
    tool = {"name": "look", "input_schema": {"type": "object"}}
    marked = {**tool, "cache_control": {"type": "ephemeral"}}
    for one in (tool, marked):
        # {"name":"look","input_schema":{"type":"object"}} has 48 characters.
        count = count_tokens({"messages": user(text("x")), "tools": [one]})
        assert count == 1 + 12 + TOKENS_OF_MESSAGE


def test_the_sdk_gets_the_count(sdk: anthropic.Anthropic, ask: dict[str, Any]) -> None:
    count = sdk.messages.count_tokens(model="m", messages=ask["messages"], system="x" * 8)
    assert count.input_tokens == 1 + 2 + TOKENS_OF_MESSAGE


def test_a_count_is_refused_as_a_message_is(refused: Callable[..., str]) -> None:
    assert refused(path=PATH) == "max_tokens: Extra inputs are not permitted"


@given(st.lists(st.text(min_size=1), min_size=1), st.text(min_size=1))
def test_more_words_never_count_less(texts: list[str], more: str) -> None:
    shorter, longer = (user(*map(text, parts)) for parts in (texts, [*texts, more]))
    assert count_tokens({"messages": shorter}) < count_tokens({"messages": longer})


def test_a_count_can_fail(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.fail("rate_limited")
    with pytest.raises(anthropic.RateLimitError):
        sdk.messages.count_tokens(model="m", messages=ask["messages"])


def test_a_count_takes_no_words_from_the_script(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("kept")
    sdk.messages.count_tokens(model="m", messages=ask["messages"])
    assert sdk.messages.create(**ask).content[0].text == "kept"
