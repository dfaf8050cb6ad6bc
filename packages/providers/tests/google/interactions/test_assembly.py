"""Interactions through a server: the kit's whole flow over the newer protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    FinishReason,
    Message,
    OverloadedError,
    RactoGatewayAuthError,
    StreamTruncatedError,
    ToolRegistry,
    Usage,
)
from racto.core.testing import ChatKitContract
from racto.providers.google import GoogleDeveloperKit
from racto.testing import Conduct, Failure, GeminiServer, Reply, ToolCall

Make = Callable[..., GoogleDeveloperKit]
HI = ChatConfig(user_message="hi", native_thinking=True)


class City(BaseModel):
    name: str


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.fixture
def kit(make_kit: Make) -> GoogleDeveloperKit:
    """A kit that speaks the newer protocol."""
    return make_kit(api="interactions")


class TestGoogleDeveloperKit(ChatKitContract):
    @pytest.fixture
    def kit(self, server: GeminiServer, make_kit: Make) -> GoogleDeveloperKit:
        server.default = Reply(text=["The sea ", "is wide."], signature="proof")
        return make_kit(api="interactions")

    @pytest.fixture
    def broken_kit(self, server: GeminiServer, make_kit: Make) -> GoogleDeveloperKit:
        server.default = Failure(kind="server_error")
        return make_kit(api="interactions")


def test_nothing_is_kept_at_googles(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    kit.chat(HI)
    assert server.last.path == "/v1beta/interactions"
    assert server.last.json["store"] is False


def test_a_stream_hands_out_every_piece_once(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    usage = Usage(input_tokens=5, cache_read_tokens=3, output_tokens=9, reasoning_tokens=4)
    server.say(["The ", "sea."], thinking=["Hm, ", "well."], signature="sig", usage=usage)
    *chunks, last = kit.stream(HI)
    assert [chunk.delta.text for chunk in chunks if chunk.delta.text] == ["The ", "sea."]
    assert [chunk.delta.thinking for chunk in chunks if chunk.is_thinking] == ["Hm, ", "well."]
    got = last.usage
    assert (got.input_tokens, got.cache_read_tokens) == (5, 3)
    assert (got.output_tokens, got.reasoning_tokens) == (9, 4)
    assert server.connections == 1
    # The connection was read to its end, and is used again.
    kit.chat(HI)
    assert server.connections == 1


@pytest.mark.parametrize("voice", ["sync", "async"])
async def test_the_tool_loop_keeps_ids_and_thoughts(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str
) -> None:
    calls = [
        ToolCall(name="add", arguments={"a": 1, "b": 2}),
        ToolCall(name="add", arguments={"a": "x"}),
    ]
    server.say(tool_calls=calls, thinking="Hm.", signature="proof")
    server.say("3")
    config = ChatConfig(
        user_message="?", tools=ToolRegistry([add]), auto_execute_tools=True, native_thinking=True
    )
    if voice == "sync":
        last: Any = list(kit.stream(config))[-1]
    else:
        last = [chunk async for chunk in kit.astream(config)][-1]
    assert last.accumulated_text == "3"
    _, thought, *steps = server.last.json["input"]
    assert thought["signature"] == "cHJvb2Y="
    ids = [step["id"] for step in steps[:2]]
    assert [(step["call_id"], step["is_error"]) for step in steps[2:]] == [
        (ids[0], False),
        (ids[1], True),
    ]
    await kit.aclose()


def test_structured_replies_are_repaired(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    server.say("{}")
    server.say('{"name": "Kiel"}')
    response = kit.chat(ChatConfig(user_message="?", response_model=City))
    assert response.parsed == {"name": "Kiel"}
    assert len(server.last.json["input"]) == 3


def test_a_stopped_reply_is_gone_on_with(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    server.say("The sea ", finish=FinishReason.PAUSE)
    first = kit.chat(ChatConfig(user_message="hi"))
    assert first.finish_reason is FinishReason.PAUSE
    kit.chat(ChatConfig(history=(Message.user("hi"), first.message)))
    assert server.last.json["continuation_token"]


def test_a_cut_stream_and_an_error_keep_what_came(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say(["The ", "sea"], conduct=Conduct(cut_after=5))
    with pytest.raises(StreamTruncatedError) as cut:
        list(kit.stream(HI))
    assert cut.value.partial.content == "The sea"
    server.say(["The ", "sea"], failure_after=Failure(kind="overloaded"))
    with pytest.raises(OverloadedError) as broken:
        list(kit.stream(HI))
    assert broken.value.partial.content == "The sea"


def test_a_wrong_key_is_told_without_a_retry(server: GeminiServer, make_kit: Make) -> None:
    kit = make_kit(api="interactions", api_key="wrong")
    with pytest.raises(RactoGatewayAuthError, match="GEMINI_API_KEY"):
        kit.chat(HI)
    assert len(server.requests) == 1
