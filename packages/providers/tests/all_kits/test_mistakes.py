"""What the model says wrong is told to it, and nothing is made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    ResponseModelValidationError,
    RetryPolicy,
    ToolRegistry,
)
from racto.testing import LoopbackServer, Reply, ToolCall

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., Any]


class City(BaseModel):
    city: str


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny-in-{city}"


def test_a_reply_that_does_not_fit_is_mended_in_the_same_conversation(
    server: LoopbackServer, kit: Any, ask: Any
) -> None:
    server.add(Reply(text="It is Kiel."), Reply(text='{"town": 1}'), Reply(text='{"city": "Kiel"}'))
    response = ask(kit, ChatConfig(user_message="Which city?", response_model=City))
    assert (response.parsed, response.attempts) == ({"city": "Kiel"}, 3)
    last = server.last.body.decode()
    assert "Which city?" in last
    assert "It is Kiel." in last


def test_nothing_is_invented_for_a_reply_that_stays_wrong(server: LoopbackServer, kit: Any) -> None:
    server.default = Reply(text='{"town": 1}')
    config = ChatConfig(user_message="Which?", response_model=City, max_validation_retries=1)
    with pytest.raises(ResponseModelValidationError) as caught:
        kit.chat(config)
    assert caught.value.raw_response == '{"town": 1}'
    assert len(server.requests) == 2


def test_a_tool_that_does_not_exist_is_told_to_the_model(
    server: LoopbackServer, kit: Any, ask: Any
) -> None:
    calls = [ToolCall(name="weather", arguments={"city": "Kiel"}),
             ToolCall(name="weather", arguments={"town": 1})]  # fmt: skip
    server.add(Reply(tool_calls=calls), Reply(text="Sunny."))
    config = ChatConfig(user_message="hi", tools=ToolRegistry([weather]), auto_execute_tools=True)
    assert ask(kit, config).content == "Sunny."
    last = server.last.body.decode()
    assert "sunny-in-Kiel" in last
    assert "city" in last.rpartition("sunny-in-Kiel")[2]


def test_half_a_character_does_not_spoil_a_reply(
    server: LoopbackServer, kit: Any, ask: Any, read: Any
) -> None:
    server.add(Reply(text="A half \ud83d and a whole \U0001f600."))
    response = ask(kit)
    assert response.content == "A half \ufffd and a whole \U0001f600."
    assert response.message.text == response.content
    assert response.model_dump_json()
