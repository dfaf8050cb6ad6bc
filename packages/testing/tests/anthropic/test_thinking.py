"""Thinking is asked for within the rules, and comes back as it went out or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from hypothesis import given, strategies as st

from racto.testing import AnthropicServer, ToolCall
from racto.testing.anthropic.blocks import RedactedThinkingBlock, ThinkingBlock
from racto.testing.anthropic.thinking import Seals

HELLO = {"role": "user", "content": "hi"}
ENABLED = {"type": "enabled", "budget_tokens": 1024}
RESULT = {
    "role": "user",
    "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "seen"}],
}
CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
LOOK = {"name": "look", "input_schema": {"type": "object"}}


def thought(sdk: anthropic.Anthropic, ask: dict[str, Any]) -> anthropic.types.Message:
    message: anthropic.types.Message = sdk.messages.create(**ask, thinking={"type": "adaptive"})
    return message


def test_the_budget_must_leave_room_for_words(refused: Callable[..., str]) -> None:
    words = "`max_tokens` must be greater than `thinking.budget_tokens`."
    assert refused(thinking=ENABLED, max_tokens=1024).startswith(words)


@pytest.mark.parametrize("kind", [ENABLED, {"type": "adaptive"}])
@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "look"}])
def test_thinking_and_a_forced_tool_exclude_each_other(
    refused: Callable[..., str], kind: dict[str, Any], choice: dict[str, Any]
) -> None:
    words = refused(thinking=kind, max_tokens=2000, tools=[LOOK], tool_choice=choice)
    assert words == "Thinking may not be enabled when tool_choice forces tool use."


def test_thinking_wants_the_highest_temperature(refused: Callable[..., str]) -> None:
    words = refused(version="2023-06-01", thinking=ENABLED, max_tokens=2000, temperature=0.5)
    assert words.startswith("`temperature` may only be set to 1")


def test_thinking_goes_out_and_comes_back(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("so", thinking=["let", " me"], redacted_thinking=["b64"])
    message = thought(sdk, ask)
    assert [block.type for block in message.content] == ["thinking", "redacted_thinking", "text"]
    again = sdk.messages.create(
        **{**ask, "messages": [HELLO, message.to_param(), HELLO]}, thinking={"type": "adaptive"}
    )
    assert again.stop_reason == "end_turn"


def test_a_signature_of_the_tests_own_is_known_again(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("so", thinking="hm", signature="sig-1")
    message = thought(sdk, ask)
    assert getattr(message.content[0], "signature", None) == "sig-1"
    sdk.messages.create(**{**ask, "messages": [HELLO, message.to_param(), HELLO]})


@pytest.mark.parametrize(
    "change",
    [
        {"thinking": "other"},
        {"signature": "c2lnbmF0dXJl"},
        {"signature": "no base64 at all"},
    ],
    ids=str,
)
def test_thinking_that_was_changed_is_refused(
    anthropic_server: AnthropicServer,
    sdk: anthropic.Anthropic,
    ask: dict[str, Any],
    refused: Callable[..., str],
    change: dict[str, str],
) -> None:
    anthropic_server.say("so", thinking="hm")
    blocks = [block.model_dump(exclude_unset=True) for block in thought(sdk, ask).content]
    blocks[0].update(change)
    words = refused(messages=[HELLO, {"role": "assistant", "content": blocks}, HELLO])
    assert words == "messages.1.content.0: Invalid `signature` in `thinking` block"


def test_hidden_thinking_that_was_changed_is_refused(refused: Callable[..., str]) -> None:
    blocks = [{"type": "redacted_thinking", "data": "made up"}, {"type": "text", "text": "so"}]
    words = refused(messages=[HELLO, {"role": "assistant", "content": blocks}, HELLO])
    assert words == "messages.1.content.0: Invalid `data` in `redacted_thinking` block"


def test_omitted_thinking_shows_its_signature_alone_and_can_come_back(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say("so", thinking="hm")
    message = sdk.messages.create(**ask, thinking={"type": "adaptive", "display": "omitted"})
    first = message.content[0]
    assert first.type == "thinking"
    assert first.thinking == ""
    assert first.signature
    sdk.messages.create(**{**ask, "messages": [HELLO, message.to_param(), HELLO]})


def test_a_tool_round_may_not_lose_the_thinking_that_led_to_it(
    refused: Callable[..., str],
) -> None:
    messages = [HELLO, {"role": "assistant", "content": [CALL]}, RESULT]
    words = refused(messages=messages, thinking=ENABLED, max_tokens=2000, tools=[LOOK])
    assert words.startswith("messages.1.content.0.type: Expected `thinking` or")


def test_a_tool_round_goes_on_with_its_thinking(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    anthropic_server.say(thinking="hm", tool_calls=[ToolCall(name="look", id="t1")])
    more: dict[str, Any] = {"thinking": ENABLED, "tools": [LOOK]}
    ask["max_tokens"] = 2000
    message = sdk.messages.create(**ask, **more)
    sdk.messages.create(**{**ask, "messages": [HELLO, message.to_param(), RESULT]}, **more)


def test_a_turn_may_not_end_with_thinking(refused: Callable[..., str]) -> None:
    block = {"type": "thinking", "thinking": "hm", "signature": "x"}
    words = refused(messages=[HELLO, {"role": "assistant", "content": [block]}, HELLO])
    assert words == "messages.1: The final block in an assistant message cannot be `thinking`."


@given(st.text(), st.text())
def test_a_seal_fits_its_own_text_only(text: str, other: str) -> None:
    seals = Seals()
    block = ThinkingBlock(type="thinking", thinking=other, signature=seals.seal(text))
    assert seals.know(block) == (text == other)
    assert not Seals().know(block)


def test_hidden_thinking_is_known_once_it_was_held() -> None:
    seals = Seals()
    block = RedactedThinkingBlock(type="redacted_thinking", data="x")
    assert not seals.know(block)
    seals.hold("x")
    assert seals.know(block)
