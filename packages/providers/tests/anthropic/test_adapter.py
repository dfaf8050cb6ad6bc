"""The reference's low-level adapter."""

from __future__ import annotations

from racto.core import RactoPrompt, ToolRegistry
from racto.core.testing.contracts.voices import Voice
from racto.providers import Gateway
from racto.providers.anthropic import AnthropicLLMKit
from racto.testing import AnthropicServer

PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")


def lookup(city: str) -> str:
    """Find a city."""
    return city


def test_the_gateway_asks_through_it(anthropic_server: AnthropicServer, voice: Voice) -> None:
    adapter = AnthropicLLMKit("m", "test-key", base_url=anthropic_server.url)
    response = voice(Gateway(adapter, default_prompt=PROMPT), "run", user_message="hi")
    assert (response.content, adapter.model) == ("ok", "m")
    assert anthropic_server.last.json["system"].startswith("[ROLE]")
    voice.close()
    adapter.kit.close()


def test_tools_are_described_as_the_api_wants_them() -> None:
    registry = ToolRegistry()
    registry.register(lookup)
    [tool] = AnthropicLLMKit("m", "k").translate_tools(registry)
    assert (tool["name"], tool["description"]) == ("lookup", "Find a city.")
    assert tool["input_schema"]["required"] == ["city"]
