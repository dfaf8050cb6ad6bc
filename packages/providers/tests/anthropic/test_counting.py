"""Counting tokens: the same request, counted instead of answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core import ChatConfig, InvalidResponseError, RactoPrompt, ToolRegistry
from racto.core.protocols import TokenCounter
from racto.core.testing.contracts.voices import Voice
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.testing import AnthropicServer, Incoming, LoopbackServer, Outgoing, Script

Make = Callable[..., AnthropicDeveloperKit]
ASK = ChatConfig(user_message="?")
PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")


def lookup(city: str) -> str:
    """Find a city."""
    return city


def test_everything_that_would_be_read_is_counted(
    anthropic_server: AnthropicServer, kit: AnthropicDeveloperKit, voice: Voice
) -> None:
    registry = ToolRegistry()
    registry.register(lookup)
    plain = ChatConfig(user_message="How wide is the sea?")
    fuller = plain.model_copy(update={"prompt": PROMPT, "tools": registry, "stop": ("x",)})
    counts = [voice(kit, "count_input_tokens", config) for config in (plain, fuller)]
    assert 0 < counts[0] < counts[1]
    assert anthropic_server.last.path == "/v1/messages/count_tokens"
    assert anthropic_server.last.json.keys() == {"model", "messages", "system", "tools"}


class _Scripted:
    """Answers whatever is asked with the next of a row of answers."""

    name, root = "anthropic", ""

    def __init__(self, *answers: Outgoing) -> None:
        self._answers = list(answers)

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        return self._answers.pop(0)


def test_a_passing_error_is_tried_again_and_nonsense_named(make_kit: Make, voice: Voice) -> None:
    busy = Outgoing(status=529, body=b'{"error": {"type": "overloaded_error"}}')
    count, nonsense = Outgoing(body=b'{"input_tokens": 7}'), Outgoing(body=b'{"tokens": 7}')
    with LoopbackServer(_Scripted(busy, count, nonsense)) as server:
        kit = make_kit(base_url=server.url)
        assert voice(kit, "count_input_tokens", ASK) == 7
        with pytest.raises(InvalidResponseError, match="no count of tokens"):
            voice(kit, "count_input_tokens", ASK)
        voice.close()
        kit.close()


def test_it_does_not_pass_for_counting_without_a_call(kit: AnthropicDeveloperKit) -> None:
    assert not isinstance(kit, TokenCounter)
