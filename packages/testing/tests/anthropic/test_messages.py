"""A whole message says what the script says, and the SDK reads it."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from racto.core import FinishReason, Usage
from racto.testing import AnthropicServer, Reply, ToolCall

CITATION = {
    "type": "char_location",
    "cited_text": "w",
    "document_index": 0,
    "document_title": None,
    "start_char_index": 0,
    "end_char_index": 1,
}


def test_words_thinking_and_calls_stand_in_their_blocks(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    calls = [ToolCall(name="look", arguments={"a": [1, "ü"]}), ToolCall(name="look", id="toolu_x")]
    anthropic_server.say(["Hel", "lo"], thinking="hm", tool_calls=calls)
    message = sdk.messages.create(**ask)
    thinking, text, first, second = message.content
    assert thinking.type == "thinking"
    assert thinking.thinking == "hm"
    assert text.type == "text"
    assert text.text == "Hello"
    assert first.type == second.type == "tool_use"
    assert (first.name, first.input) == ("look", {"a": [1, "ü"]})
    assert first.id.startswith("toolu_")
    assert second.id == "toolu_x"
    assert message.stop_reason == "tool_use"
    assert message.model == ask["model"]


def test_citations_stand_with_the_text(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("w", citations=[CITATION])
    (block,) = sdk.messages.create(**ask).content
    assert block.type == "text"
    assert block.citations is not None
    assert block.citations[0].cited_text == "w"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(text="x"), "end_turn"),
        (Reply(text="x", finish=FinishReason.LENGTH), "max_tokens"),
        (Reply(text="x", raw_finish="stop_sequence"), "stop_sequence"),
        (Reply(tool_calls=[ToolCall(name="look")]), "tool_use"),
        (Reply(text="x", finish=FinishReason.PAUSE), "pause_turn"),
        (Reply(refusal="no"), "refusal"),
        (Reply(finish=FinishReason.CONTENT_FILTER), "refusal"),
        (Reply(finish=FinishReason.CONTEXT_OVERFLOW), "model_context_window_exceeded"),
        (Reply(text="x", raw_finish="brand_new"), "brand_new"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_each_reason_to_stop_is_told(
    anthropic_server: AnthropicServer,
    sdk: anthropic.Anthropic,
    ask: dict[str, Any],
    reply: Reply,
    reason: str,
    way: str,
) -> None:
    anthropic_server.add(reply)
    if way == "whole":
        message = sdk.messages.create(**ask, stop_sequences=["END"])
    else:
        with sdk.messages.stream(**ask, stop_sequences=["END"]) as stream:
            message = stream.get_final_message()
    assert message.stop_reason == reason
    assert message.stop_sequence == ("END" if reason == "stop_sequence" else None)
    if reason == "refusal":
        assert message.stop_details is not None
        assert message.stop_details.explanation == reply.refusal
    else:
        assert message.stop_details is None


def test_tokens_are_told_in_the_buckets_of_the_api(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    usage = Usage(
        input_tokens=1,
        cache_read_tokens=2,
        cache_write_5m_tokens=4,
        cache_write_1h_tokens=8,
        output_tokens=32,
        reasoning_tokens=16,
    )
    anthropic_server.say("x", usage=usage)
    told = sdk.messages.create(**ask).usage
    assert (told.input_tokens, told.output_tokens) == (1, 32)
    assert (told.cache_read_input_tokens, told.cache_creation_input_tokens) == (2, 12)
    assert told.cache_creation is not None
    assert told.cache_creation.ephemeral_5m_input_tokens == 4
    assert told.cache_creation.ephemeral_1h_input_tokens == 8
    assert told.output_tokens_details is not None
    assert told.output_tokens_details.thinking_tokens == 16


def test_a_reply_without_usage_reports_none(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("x", usage=None)
    with sdk.messages.with_streaming_response.create(**ask) as response:
        assert b"usage" not in response.read()


def test_a_warmed_cache_says_nothing(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("never", thinking="never")
    message = sdk.messages.create(**{**ask, "max_tokens": 0})
    assert message.content == []
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 0)


def test_another_model_and_headers_can_be_told(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("x", model="claude-other", headers={"x-mine": "1"})
    raw = sdk.messages.with_raw_response.create(**ask)
    assert raw.parse().model == "claude-other"
    assert raw.headers["x-mine"] == "1"
    assert raw.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("body", [{"type": "strange"}, b"{no json"], ids=["json", "bytes"])
def test_a_body_of_the_tests_own_is_sent_as_it_is(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any], body: Any
) -> None:
    anthropic_server.say(body=body)
    with sdk.messages.with_streaming_response.create(**ask) as response:
        sent = response.read()
    assert sent == (body if isinstance(body, bytes) else b'{"type":"strange"}')


def test_arguments_that_are_no_json_stay_text(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say(tool_calls=[ToolCall(name="look", arguments='{"a": ')])
    (block,) = sdk.messages.create(**ask).content
    assert block.type == "tool_use"
    assert block.input == '{"a": '


async def test_the_async_client_is_answered_too(
    anthropic_server: AnthropicServer, asdk: anthropic.AsyncAnthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("x")
    assert (await asdk.messages.create(**ask)).content[0].text == "x"


def test_a_refused_request_takes_nothing_from_the_script(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("kept")
    with pytest.raises(anthropic.BadRequestError):
        sdk.messages.create(**ask, extra_body={"colour": 1})
    assert sdk.messages.create(**ask).content[0].text == "kept"
    anthropic_server.assert_all_used()
