"""The low-level adapter: one request at a time, and tools in the server's words."""

from __future__ import annotations

from racto.core import RactoPrompt, ToolRegistry
from racto.providers import Gateway
from racto.providers.huggingface import HuggingFaceLLMKit
from racto.testing import HuggingFaceServer

PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


async def test_it_answers_behind_a_gateway(huggingface_server: HuggingFaceServer) -> None:
    adapter = HuggingFaceLLMKit("m", "test-key", base_url=huggingface_server.url)
    gateway = Gateway(adapter, default_prompt=PROMPT)
    assert gateway.run(user_message="hi").content == "ok"
    assert (await gateway.arun(user_message="hi")).content == "ok"
    assert huggingface_server.last.json["messages"][0]["content"] == PROMPT.compile()
    await adapter.kit.aclose()


def test_tools_are_translated() -> None:
    (tool,) = HuggingFaceLLMKit("m").translate_tools(ToolRegistry([add]))
    assert tool["function"]["parameters"]["properties"]["b"]["default"] == 2
