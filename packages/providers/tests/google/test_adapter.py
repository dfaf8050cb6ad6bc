"""The low-level adapter for Google."""

from __future__ import annotations

from racto.core import RactoPrompt, ToolRegistry
from racto.providers import Gateway, LLMAdapter
from racto.providers.google import GoogleLLMKit
from racto.testing import GeminiServer

PROMPT = RactoPrompt(
    role="r", aim="a", constraints=["c"], tone="t", output_format="text", anti_hallucination=False
)


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def test_the_adapter_answers_for_a_gateway(server: GeminiServer) -> None:
    adapter = GoogleLLMKit("m", server.key, base_url=server.url)
    assert isinstance(adapter, LLMAdapter)
    gateway = Gateway(adapter, tools=ToolRegistry([add]), default_prompt=PROMPT)
    assert gateway.run(user_message="hi", temperature=0.5).content == "ok"
    assert (await gateway.arun(user_message="hi", seed=4)).content == "ok"
    assert server.last.json["tools"] == adapter.translate_tools(ToolRegistry([add]))
    assert server.last.json["generationConfig"]["seed"] == 4
    await adapter.kit.aclose()


def test_tools_are_one_tool_of_functions() -> None:
    (tool,) = GoogleLLMKit("m", "k").translate_tools(ToolRegistry([add]))
    (function,) = tool["functionDeclarations"]
    assert (function["name"], function["description"]) == ("add", "Add two numbers.")
    assert GoogleLLMKit("m", "k").translate_tools(ToolRegistry()) == []
