"""The reference's adapter describes tools as the API that its kit speaks."""

from __future__ import annotations

from racto.core import ToolRegistry
from racto.providers.openai import OpenAILLMKit


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def test_tools_are_described_for_the_api_that_is_spoken() -> None:
    tools = ToolRegistry([add])
    (flat,) = OpenAILLMKit("m").translate_tools(tools)
    assert (flat["type"], flat["name"], flat["strict"]) == ("function", "add", False)
    (wrapped,) = OpenAILLMKit("m", api="chat").translate_tools(tools)
    assert (wrapped["type"], wrapped["function"]["name"]) == ("function", "add")
