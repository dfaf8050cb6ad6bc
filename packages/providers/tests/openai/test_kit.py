"""The kit's own choices: API, dialect, model, key, and what is refused at construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import ChatConfig, ConfigurationError, RactoPrompt, UnsupportedFeatureError
from racto.core.protocols import ChatKit, EmbeddingKit
from racto.providers.openai import Chat, OpenAIDeveloperKit

Make = Callable[..., OpenAIDeveloperKit]


class City(BaseModel):
    name: str


def test_chat_is_the_kits_short_name() -> None:
    kit = Chat("m")
    assert isinstance(kit, ChatKit)
    assert isinstance(kit, EmbeddingKit)
    assert (kit.model, kit.provider) == ("m", "openai")
    assert Chat().model


def test_what_cannot_work_is_refused_at_once() -> None:
    with pytest.raises(UnsupportedFeatureError, match='api="chat"'):
        Chat("m", api="responses")
    with pytest.raises(ConfigurationError, match="responses"):
        Chat("m", api="completions")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="router"):
        Chat("auto")


def test_a_server_of_ones_own_is_spoken_to_compatibly(server: Any) -> None:
    with OpenAIDeveloperKit("local", base_url=server.url) as kit:
        response = kit.chat(ChatConfig(user_message="hi", max_tokens=5, top_k=3))
    assert response.provider == "openai-compatible"
    assert (server.last["max_tokens"], server.last["top_k"]) == (5, 3)
    assert "max_completion_tokens" not in server.last


def test_key_and_headers_travel(
    server: Any, make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    kit = make_kit(api_key=None, headers={"x-team": "a"}, organization="org", project="proj")
    kit.chat(ChatConfig(user_message="hi"))
    sent = server.headers[-1]
    assert sent["authorization"] == "Bearer from-the-environment"
    assert (sent["x-team"], sent["openai-organization"], sent["openai-project"]) == (
        "a",
        "org",
        "proj",
    )


def test_drops_are_noted_on_the_response(server: Any, kit: OpenAIDeveloperKit) -> None:
    with pytest.raises(UnsupportedFeatureError, match="top_k"):
        kit.chat(ChatConfig(user_message="hi", top_k=3))
    response = kit.chat(ChatConfig(user_message="hi", top_k=3, on_unsupported="drop"))
    assert response.dropped == ("top_k",)
    assert "top_k" not in server.last


def test_the_prompts_model_becomes_the_response_format(
    server: Any, kit: OpenAIDeveloperKit
) -> None:
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=City)
    server.add(server.says('{"name": "Rome"}'))
    response = kit.chat(ChatConfig(user_message="?", prompt=prompt))
    assert response.parsed == {"name": "Rome"}
    assert server.last["response_format"]["json_schema"]["strict"] is True
    assert server.last["messages"][0]["role"] == "system"


def test_a_code_block_in_a_reply_stays_whole(server: Any, kit: OpenAIDeveloperKit) -> None:
    text = "Run this:\n```python\nprint(1)\n```\nIt prints 1."
    server.add(server.says(text))
    response = kit.chat(ChatConfig(user_message="?"))
    assert (response.content, response.parsed) == (text, None)
