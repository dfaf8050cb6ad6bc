"""A stream has every event of the real one, and the SDK puts it together."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from racto.core import Usage
from racto.testing import AnthropicServer, Failure, Reply, ToolCall
from racto.testing.anthropic.events import event, events
from racto.testing.anthropic.rendering import Told, message
from racto.testing.anthropic.requests import MessageRequest
from racto.testing.anthropic.thinking import Seals

CITATION = {
    "type": "search_result_location",
    "cited_text": "w",
    "search_result_index": 0,
    "source": "s",
    "title": None,
    "start_block_index": 0,
    "end_block_index": 1,
}


def told(reply: Reply) -> Told:
    fields = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    request = MessageRequest.model_validate(fields)
    return Told(reply=reply, request=request, message_id="msg_1", seals=Seals())


def sent(reply: Reply) -> list[dict[str, Any]]:
    """The data of the events, each of which must stand under its own name."""
    found = []
    for one in events(told(reply), request_id="req_1"):
        name, data, *rest = one.decode().split("\n")
        assert rest == ["", ""]
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


def test_the_events_come_in_the_order_of_the_real_api() -> None:
    reply = Reply(
        text=["Hel", "lo"],
        thinking=["h", "m"],
        signature="sig",
        redacted_thinking=["b64"],
        citations=[CITATION],
        tool_calls=[ToolCall(name="look", arguments={"place": "the other side"})],
    )
    found = [
        (one["type"], one.get("index"), one.get("delta", {}).get("type")) for one in sent(reply)
    ]
    argument = ("content_block_delta", 3, "input_json_delta")
    assert found == [
        ("message_start", None, None),
        ("content_block_start", 0, None),
        ("ping", None, None),
        ("content_block_delta", 0, "thinking_delta"),
        ("content_block_delta", 0, "thinking_delta"),
        ("content_block_delta", 0, "signature_delta"),
        ("content_block_stop", 0, None),
        ("content_block_start", 1, None),
        ("content_block_stop", 1, None),
        ("content_block_start", 2, None),
        ("content_block_delta", 2, "text_delta"),
        ("content_block_delta", 2, "text_delta"),
        ("content_block_delta", 2, "citations_delta"),
        ("content_block_stop", 2, None),
        ("content_block_start", 3, None),
        *[argument] * 4,
        ("content_block_stop", 3, None),
        ("message_delta", None, None),
        ("message_stop", None, None),
    ]


def test_blocks_begin_empty() -> None:
    reply = Reply(text="x", thinking="y", tool_calls=[ToolCall(name="look", arguments={"a": 1})])
    begun = [one["content_block"] for one in sent(reply) if one["type"] == "content_block_start"]
    assert [block["type"] for block in begun] == ["thinking", "text", "tool_use"]
    assert begun[0]["thinking"] == begun[0]["signature"] == begun[1]["text"] == ""
    assert begun[2]["input"] == {}


def test_usage_is_told_at_the_start_and_summed_at_the_end() -> None:
    usage = Usage(input_tokens=7, cache_read_tokens=3, output_tokens=9, reasoning_tokens=4)
    start, *_, delta, _ = sent(Reply(text="x", usage=usage))
    assert start["message"]["usage"]["input_tokens"] == 7
    assert start["message"]["usage"]["cache_read_input_tokens"] == 3
    assert start["message"]["usage"]["output_tokens"] == 1
    assert start["message"]["stop_reason"] is None
    assert delta["usage"]["output_tokens"] == 9
    assert delta["usage"]["input_tokens"] == 7
    assert delta["usage"]["output_tokens_details"] == {"thinking_tokens": 4}


def test_without_usage_no_event_has_any() -> None:
    start, *_, delta, _ = sent(Reply(text="x", usage=None))
    assert "usage" not in start["message"]
    assert "usage" not in delta


def test_an_empty_reply_has_no_blocks() -> None:
    kinds = [one["type"] for one in sent(Reply())]
    assert kinds == ["message_start", "message_delta", "message_stop"]


def test_a_failure_in_mid_stream_leaves_the_block_open() -> None:
    *before, last = sent(Reply(text=["a", "b"], failure_after=Failure(kind="overloaded")))
    assert last["error"] == {"type": "overloaded_error", "message": "Overloaded"}
    assert "content_block_stop" not in [one["type"] for one in before]


def test_the_sdk_raises_a_failure_in_mid_stream_with_status_200(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("a", failure_after=Failure(kind="overloaded"))
    with (
        pytest.raises(anthropic.APIStatusError) as caught,
        sdk.messages.stream(**ask) as stream,
    ):
        stream.get_final_message()
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


def test_the_sdks_own_events_come_of_it(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    call = ToolCall(name="look", arguments={"a": "b" * 30})
    anthropic_server.say(["x", "y"], thinking="h", citations=[CITATION], tool_calls=[call])
    with sdk.messages.stream(**ask) as stream:
        kinds = {one.type for one in stream}
        final = stream.get_final_message()
    assert {"text", "thinking", "signature", "input_json", "citation"} <= kinds
    assert final.content[-1].type == "tool_use"
    assert final.content[-1].input == {"a": "b" * 30}


async def test_the_async_sdk_streams_too(
    anthropic_server: AnthropicServer, asdk: anthropic.AsyncAnthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say(["x", "y"])
    async with asdk.messages.stream(**ask) as stream:
        assert [text async for text in stream.text_stream] == ["x", "y"]
        assert (await stream.get_final_message()).stop_reason == "end_turn"


def test_events_of_the_tests_own_are_sent_under_their_names(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    own = [{"type": "ping"}, '{"type": "content_block_delta", broken', "bare", ["list"]]
    anthropic_server.say(events=own)
    with sdk.messages.with_streaming_response.create(**ask, stream=True) as response:
        body = response.read().decode()
    assert body == (
        'event: ping\ndata: {"type":"ping"}\n\n'
        'event: content_block_delta\ndata: {"type": "content_block_delta", broken\n\n'
        "event: message\ndata: bare\n\n"
        'event: message\ndata: ["list"]\n\n'
    )


def test_lines_in_words_do_not_break_events() -> None:
    assert event({"type": "x", "text": "a\nb\r\u2028"}).count(b"\n") == 3


WORDS = st.text(min_size=1)
CALLS = st.builds(
    ToolCall,
    name=st.just("look"),
    arguments=st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=3),
)
REPLIES = st.builds(
    Reply,
    text=st.none() | WORDS | st.lists(WORDS, min_size=1, max_size=4),
    thinking=st.just("") | st.lists(WORDS, min_size=1, max_size=3),
    signature=st.just("sig"),
    redacted_thinking=st.lists(WORDS, max_size=2),
    tool_calls=st.lists(CALLS, max_size=3),
    refusal=st.none() | WORDS,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(REPLIES)
def test_a_stream_put_together_is_the_whole_message(reply: Reply) -> None:
    content: list[dict[str, Any]] = []
    arguments: dict[int, str] = {}
    final: dict[str, Any] = {}
    for one in sent(reply):
        if one["type"] == "message_start":
            final = one["message"]
        elif one["type"] == "content_block_start":
            content.append(one["content_block"])
        elif one["type"] == "content_block_delta":
            _, *pairs = one["delta"].items()
            for name, value in pairs:
                if name == "partial_json":
                    arguments[one["index"]] = arguments.get(one["index"], "") + value
                else:
                    content[one["index"]][name] += value
        elif one["type"] == "message_delta":
            final = {**final, **one["delta"], "usage": {**final["usage"], **one["usage"]}}
    for index, text in arguments.items():
        content[index]["input"] = json.loads(text)
    assert {**final, "content": content} == message(told(reply))
