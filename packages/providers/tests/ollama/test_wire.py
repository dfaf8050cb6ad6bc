"""The chat wire: whole requests, and replies that are or are not what was agreed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

from racto.core import (
    ChatConfig,
    InvalidResponseError,
    Message,
    OverloadedError,
    RactoGatewayError,
    RactoPrompt,
)
from racto.providers.kits import Turn, Wire, WireReply
from racto.providers.ollama.failures import OLLAMA_VOCABULARY, OllamaTranslator
from racto.providers.ollama.wire import OllamaWire


class City(BaseModel):
    name: str = Field(description="As its people call it.")
    people: int


def wire(**settings: Any) -> OllamaWire:
    return OllamaWire(OllamaTranslator("ollama", OLLAMA_VOCABULARY), **settings)


def turn(*messages: Message, **config: Any) -> Turn:
    made = ChatConfig(user_message="hi", **config)
    return Turn(model="m", messages=messages or (Message.user("hi"),), config=made)


def decoded(body: Any) -> Any:
    made = wire()
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = made.encode(turn(on_unsupported="drop", cache="5m"))
    return made.decode(request, WireReply(body=data, request_id="r1"))


def test_it_keeps_the_protocol() -> None:
    made: Wire = wire()
    assert made.provider == "ollama"


def test_nothing_is_cut_in_silence_unless_the_caller_says_so() -> None:
    body = wire().encode(turn()).body
    assert (body["truncate"], body["shift"]) == (False, False)
    assert not {"truncate", "shift"} & wire(truncate=True).encode(turn()).body.keys()
    allowed = wire().encode(turn(extra={"truncate": True})).body
    assert allowed["truncate"] is True


def test_the_model_is_kept_in_memory_as_long_as_is_asked() -> None:
    assert "keep_alive" not in wire().encode(turn()).body
    for keep_alive in (0, "10m"):
        assert wire(keep_alive=keep_alive).encode(turn()).body["keep_alive"] == keep_alive


def test_the_schema_is_said_in_the_system_text() -> None:
    (system, user) = wire().encode(turn(response_model=City)).body["messages"]
    assert system["role"] == "system"
    assert '"people"' in system["content"]
    assert "As its people call it." in system["content"]
    assert user["content"] == "hi"
    spoken = turn(Message.system("Be brief."), Message.user("hi"), response_model=City)
    system = wire().encode(spoken).body["messages"][0]
    assert system["content"].startswith("Be brief.\n\n")
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=City)
    told = wire().encode(turn(prompt=prompt, response_model=City)).body["messages"]
    assert [message["role"] for message in told] == ["user"]


def test_a_reply_is_read() -> None:
    response = decoded({"model": "m", "message": {"content": "Hello"}, "done": True})
    assert response.content == "Hello"
    assert response.request_id == "r1"
    assert response.dropped == ("cache",)
    assert response.raw["done"] is True


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "not JSON"),
        (b"\xff", "not JSON"),
        ([1], "not a JSON object"),
        ({}, "not one of /api/chat"),
        ({"message": "hi", "done": True}, "not one of /api/chat"),
        ({"message": {"tool_calls": [{}]}, "done": True}, "not one of /api/chat"),
        ({"message": {"content": "Hel"}, "done": False}, "not done"),
    ],
)
def test_a_reply_of_another_shape_is_invalid(body: Any, told: str) -> None:
    with pytest.raises(InvalidResponseError, match=told) as caught:
        decoded(body)
    assert caught.value.request_id == "r1"


def test_an_error_under_status_200_is_an_error() -> None:
    with pytest.raises(OverloadedError, match="server busy"):
        decoded({"error": "server busy, please try again"})
    with pytest.raises(RactoGatewayError, match="odd"):
        decoded({"error": {"message": "odd"}})
