"""The wire: whole requests, whole replies, and replies that are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anthropic
import pytest

from racto.core import (
    ChatConfig,
    InvalidResponseError,
    Message,
    MessageRole,
    OverloadedError,
    ToolRegistry,
)
from racto.core.content import ImagePart, TextPart, ToolCallResult, ToolResultPart
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.api import APIVersion
from racto.providers.anthropic.failures import AnthropicTranslator
from racto.providers.anthropic.wire import MessagesWire
from racto.providers.kits import WireReply, WireRequest
from racto.testing import AnthropicServer

Encode = Callable[..., WireRequest]
REQUEST = WireRequest(path="/v1/messages", body={}, dropped=("seed",))


@pytest.fixture
def decode(translator: AnthropicTranslator) -> Callable[[Any], Any]:
    def decoded(body: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = WireReply(body=data, request_id="req_1")
        return MessagesWire(translator).decode(REQUEST, reply)

    return decoded


def registered() -> ToolRegistry:
    """One tool."""

    def lookup(city: str) -> str:
        """Find a city."""
        return city

    tools = ToolRegistry()
    tools.register(lookup)
    return tools


def test_extra_has_the_last_word(encode: Encode) -> None:
    extra = {"max_tokens": 7, "service_tier": "standard_only", "messages": []}
    body = encode(ChatConfig(user_message="?", extra=extra)).body
    assert (body["max_tokens"], body["service_tier"], body["messages"]) == (7, "standard_only", [])


def test_server_side_tools_stand_beside_the_callers_own(encode: Encode) -> None:
    search = {"type": "web_search_20260318", "name": "web_search"}
    both = encode(ChatConfig(user_message="?", tools=registered(), extra={"tools": [search]})).body
    assert [tool["name"] for tool in both["tools"]] == ["lookup", "web_search"]
    assert encode(ChatConfig(user_message="?", extra={"tools": [search]})).body["tools"] == [search]


def test_betas_become_a_header_beside_those_of_the_kit(encode: Encode) -> None:
    version = APIVersion(betas=("a-1",))
    request = encode(ChatConfig(user_message="?", extra={"betas": ["b-2"]}), version=version)
    assert request.headers == {"anthropic-beta": "a-1,b-2"}
    assert "betas" not in request.body
    one = encode(ChatConfig(user_message="?", extra={"betas": "b-2"}))
    assert one.headers == {"anthropic-beta": "b-2"}
    assert encode(ChatConfig(user_message="?"), version=version).headers == {
        "anthropic-beta": "a-1"
    }
    assert encode(ChatConfig(user_message="?")).headers == {}


def test_a_version_that_is_not_racto_s_own_is_a_header_too(encode: Encode) -> None:
    old = APIVersion(date="2023-06-01")
    request = encode(ChatConfig(user_message="?"), version=old)
    assert request.headers == {"anthropic-version": "2023-06-01"}


def test_a_reply_carries_its_ids_and_what_was_dropped(decode: Callable[[Any], Any]) -> None:
    response = decode({"id": "msg_1", "model": "m", "content": [], "stop_reason": "end_turn"})
    assert (response.request_id, response.response_id) == ("req_1", "msg_1")
    assert (response.content, response.dropped, response.provider) == (None, ("seed",), "anthropic")


@pytest.mark.parametrize(
    "body", [b"<html>", b"\xff", b"[1]", {}, {"content": 3}, {"content": [{"text": "x"}]}]
)
def test_a_reply_that_is_no_message_is_named_as_such(
    decode: Callable[[Any], Any], body: Any
) -> None:
    with pytest.raises(InvalidResponseError):
        decode(body)


def test_an_error_under_a_good_status_is_an_error(decode: Callable[[Any], Any]) -> None:
    fault = {"type": "overloaded_error", "message": "Overloaded"}
    with pytest.raises(OverloadedError) as caught:
        decode({"type": "error", "error": fault})
    assert caught.value.request_id == "req_1"


# -- the official SDK as the judge ---------------------------------------------------------------

IMAGE = ImagePart(url="https://example.org/a.png")
ROUND = (
    Message(role=MessageRole.USER, content=(IMAGE, TextPart(text="Where is it?", cache="5m"))),
    Message.assistant(
        "Let me look.",
        tool_calls=[ToolCallResult(id="toolu_1", name="lookup", arguments={"city": "Rome"})],
    ),
    Message.tool([ToolResultPart(tool_call_id="toolu_1", content="in Italy")]),
    Message.user("And who lives there?"),
)


def _said_to_the_sdk() -> dict[str, Any]:
    """The same request in the words of the official SDK."""
    image = {"type": "image", "source": {"type": "url", "url": IMAGE.url}}
    marked = {"type": "ephemeral", "ttl": "5m"}
    call = {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"city": "Rome"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "in Italy"}
    asked = {"type": "text", "text": "Where is it?", "cache_control": marked}
    return {
        "model": "the-model",
        "max_tokens": 99,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": [image, asked]},
            {"role": "assistant", "content": [{"type": "text", "text": "Let me look."}, call]},
            {"role": "user", "content": [result, {"type": "text", "text": "And who lives there?"}]},
        ],
        "tools": [
            {
                "name": "lookup",
                "description": "Find a city.",
                "input_schema": next(iter(registered())).to_json_schema(),
            }
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "high"},
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u1"},
        "service_tier": "auto",
    }


@pytest.mark.parametrize("streamed", [False, True])
def test_the_request_is_what_the_official_sdk_sends(
    anthropic_server: AnthropicServer, kit: AnthropicDeveloperKit, streamed: bool
) -> None:
    config = ChatConfig(
        system="Be brief.",
        history=ROUND,
        max_tokens=99,
        tools=registered(),
        parallel_tool_calls=False,
        native_thinking=True,
        reasoning_effort="high",
        stop=("END",),
        metadata={"user_id": "u1"},
        extra={"service_tier": "auto"},
    )
    with anthropic.Anthropic(api_key="test-key", base_url=anthropic_server.url) as client:
        if streamed:
            list(kit.stream(config))
            with client.messages.stream(**_said_to_the_sdk()) as stream:
                stream.get_final_message()
        else:
            kit.chat(config)
            client.messages.create(**_said_to_the_sdk())
    ours, theirs = anthropic_server.requests
    assert (ours.method, ours.path, ours.json) == (theirs.method, theirs.path, theirs.json)
    for name in ("authorization", "anthropic-version", "content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name], name
