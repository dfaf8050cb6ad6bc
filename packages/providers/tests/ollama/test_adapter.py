"""The low-level adapter: one request at a time, and tools in Ollama's words."""

from __future__ import annotations

from racto.core import RactoPrompt, ToolRegistry
from racto.providers import Gateway
from racto.providers.ollama import OllamaLLMKit
from racto.testing import OllamaServer

PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


async def test_it_answers_behind_a_gateway(ollama_server: OllamaServer) -> None:
    adapter = OllamaLLMKit("m", base_url=ollama_server.url)
    gateway = Gateway(adapter, default_prompt=PROMPT)
    assert gateway.run(user_message="hi").content == "ok"
    assert (await gateway.arun(user_message="hi")).content == "ok"
    assert ollama_server.last.json["messages"][0]["content"] == PROMPT.compile()
    assert adapter.model == "m"
    await adapter.kit.aclose()


def test_tools_are_translated() -> None:
    (tool,) = OllamaLLMKit("m").translate_tools(ToolRegistry([add]))
    assert tool["function"]["name"] == "add"
    assert tool["function"]["parameters"]["properties"]["b"]["description"] == "(default: 2)"
