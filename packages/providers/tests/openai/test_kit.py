"""The kit's own choices: API, dialect, model, key, and what is refused at construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    ConfigurationError,
    RactoGatewayAuthError,
    RactoPrompt,
    UnsupportedFeatureError,
)
from racto.core.protocols import ChatKit, EmbeddingKit
from racto.providers.openai import COMPATIBLE, DEEPSEEK, OPENAI, Chat, OpenAIDeveloperKit
from racto.testing import OpenAIServer
from racto.testing.openai import Quirks

Make = Callable[..., OpenAIDeveloperKit]


class City(BaseModel):
    name: str


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def test_chat_is_the_kits_short_name() -> None:
    kit = Chat("m")
    assert isinstance(kit, ChatKit)
    assert isinstance(kit, EmbeddingKit)
    assert (kit.model, kit.provider) == ("m", "openai")
    assert Chat().model


@pytest.mark.parametrize(
    ("options", "api", "dialect"),
    [
        ({}, "responses", OPENAI),
        ({"base_url": "https://api.openai.com/v1"}, "responses", OPENAI),
        ({"base_url": "https://eu.api.openai.com/v1/"}, "responses", OPENAI),
        ({"base_url": "http://localhost:8000/v1"}, "chat", COMPATIBLE),
        ({"base_url": "https://api.openai.com.evil.example/v1"}, "chat", COMPATIBLE),
        ({"dialect": DEEPSEEK}, "chat", DEEPSEEK),
        ({"api": "chat"}, "chat", OPENAI),
        ({"api": "responses", "base_url": "http://localhost:8000/v1"}, "responses", COMPATIBLE),
    ],
)
def test_the_api_is_chosen_by_what_the_caller_said(
    options: dict[str, Any], api: str, dialect: Any
) -> None:
    kit = Chat("m", **options)
    assert (kit.api, kit.dialect) == (api, dialect)


def test_a_root_in_the_environment_counts_as_one_that_was_given(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    with Chat("m", api_key=server.key) as kit:
        assert (kit.api, kit.chat(ChatConfig(user_message="hi")).content) == ("chat", "ok")


def test_what_cannot_work_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="completions"):
        Chat("m", api="completions")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="requests"):
        Chat("m", http="requests")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="router"):
        Chat("auto")


def test_a_server_of_ones_own_is_spoken_to_compatibly() -> None:
    with (
        OpenAIServer(key=None, quirks=Quirks(any_field=True)) as server,
        OpenAIDeveloperKit("local", base_url=server.url) as kit,
    ):
        response = kit.chat(ChatConfig(user_message="hi", max_tokens=5, top_k=3))
        asked = server.last.json
    assert response.provider == "openai-compatible"
    assert (asked["max_tokens"], asked["top_k"]) == (5, 3)
    assert "max_completion_tokens" not in asked


def test_key_and_headers_travel(
    server: OpenAIServer, make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", str(server.key))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    kit = make_kit(
        api_key=None, base_url=None, headers={"x-team": "a"}, organization="org", project="proj"
    )
    kit.chat(ChatConfig(user_message="hi"))
    sent = server.last.headers
    assert sent["authorization"] == f"Bearer {server.key}"
    assert (sent["x-team"], sent["openai-organization"], sent["openai-project"]) == (
        "a",
        "org",
        "proj",
    )


def test_a_key_of_the_environment_is_for_openai_alone(
    server: OpenAIServer, make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", str(server.key))
    with pytest.raises(RactoGatewayAuthError, match="OpenAI's own servers"):
        make_kit(api_key=None).chat(ChatConfig(user_message="hi"))
    assert str(server.key) not in str(server.last.headers)


def test_drops_are_noted_on_the_response(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    with pytest.raises(UnsupportedFeatureError, match="top_k"):
        kit.chat(ChatConfig(user_message="hi", top_k=3))
    response = kit.chat(ChatConfig(user_message="hi", top_k=3, on_unsupported="drop"))
    assert response.dropped == ("top_k",)
    assert "top_k" not in server.last.json


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_the_prompts_model_becomes_the_replys_format(
    server: OpenAIServer, make_kit: Make, api: str
) -> None:
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=City)
    server.say('{"name": "Rome"}')
    response = make_kit(api=api).chat(ChatConfig(user_message="?", prompt=prompt))
    assert response.parsed == {"name": "Rome"}
    assert '"strict":true' in server.last.body.decode().replace(" ", "")
    assert '"role":"system"' in server.last.body.decode().replace(" ", "")


def test_a_code_block_in_a_reply_stays_whole(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    text = "Run this:\n```python\nprint(1)\n```\nIt prints 1."
    server.say(text)
    response = kit.chat(ChatConfig(user_message="?"))
    assert (response.content, response.parsed) == (text, None)
