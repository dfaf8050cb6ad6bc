"""The reference's gateway over any adapter or kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from racto.core import (
    ConfigurationError,
    RactoPrompt,
    ResponseModelValidationError,
    ToolRegistry,
)
from racto.providers import Gateway, KitAdapter
from racto.providers.openai import OPENAI, OpenAIDeveloperKit, OpenAILLMKit
from racto.testing import OpenAIServer, ToolCall

PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="json")


class City(BaseModel):
    name: str


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.fixture
def adapter(server: OpenAIServer) -> Iterator[OpenAILLMKit]:
    made = OpenAILLMKit("the-model", server.key, base_url=server.url, dialect=OPENAI)
    yield made
    made.kit.close()


async def test_json_is_parsed_in_both_voices(server: OpenAIServer, adapter: OpenAILLMKit) -> None:
    gateway = Gateway(adapter, default_prompt=PROMPT)
    server.say('{"a": 1}')
    server.say('{"a": 2}')
    assert gateway.run(user_message="x").parsed == {"a": 1}
    assert (await gateway.arun(PROMPT, "x")).parsed == {"a": 2}
    assert server.last.json["messages"][0] == {"role": "system", "content": PROMPT.compile()}
    assert "temperature" not in server.last.json
    await adapter.kit.aclose()


def test_tools_are_offered_and_not_run(server: OpenAIServer, adapter: OpenAILLMKit) -> None:
    gateway = Gateway(adapter, tools=ToolRegistry([add]), default_prompt=PROMPT)
    server.say(tool_calls=[ToolCall(name="add", arguments={"a": 1, "b": 2})])
    response = gateway.run(user_message="x", temperature=0.0, max_tokens=9, seed=3)
    assert response.tool_calls[0].name == "add"
    assert (server.last.json["temperature"], server.last.json["seed"]) == (0.0, 3)
    assert server.last.json["tools"] == adapter.translate_tools(ToolRegistry([add]))
    gateway.run(user_message="x", tools=ToolRegistry())
    assert "tools" not in server.last.json


def test_a_reply_that_does_not_fit_is_not_repaired(
    server: OpenAIServer, adapter: OpenAILLMKit
) -> None:
    server.say("{}")
    with pytest.raises(ResponseModelValidationError):
        Gateway(adapter).run(PROMPT, "x", response_model=City)
    assert len(server.requests) == 1


def test_any_kit_will_do(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    assert Gateway(kit).run(PROMPT, "x").content == "ok"
    assert KitAdapter(kit).model == "the-model"


def test_no_prompt_at_all_is_an_error(adapter: OpenAILLMKit) -> None:
    with pytest.raises(ValueError, match="default_prompt"):
        Gateway(adapter).run(user_message="x")


async def test_an_adapter_closes_its_kit(server: OpenAIServer) -> None:
    with OpenAILLMKit("the-model", server.key, base_url=server.url, dialect=OPENAI) as plain:
        assert plain.run(PROMPT, "x").content == "ok"
    assert server.wait_until(lambda: server.open_connections == 0)
    async with OpenAILLMKit("the-model", server.key, base_url=server.url) as looping:
        assert (await looping.arun(PROMPT, "x")).content == "ok"
    assert await server.await_until(lambda: server.open_connections == 0)
    assert "the-model" in repr(plain)
    assert server.key is not None
    assert server.key not in repr(plain)


def test_a_name_is_no_adapter() -> None:
    with pytest.raises(ConfigurationError, match="discovery"):
        Gateway("anthropic")  # type: ignore[arg-type]
