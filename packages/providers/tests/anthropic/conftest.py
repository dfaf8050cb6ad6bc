"""Fixtures of the Anthropic kit's tests: kits that talk to the loopback server, and the bare wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core import ChatConfig, RetryPolicy
from racto.core.testing.contracts.voices import VOICES, Voice
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.api import CURRENT, APIVersion
from racto.providers.anthropic.failures import ANTHROPIC_VOCABULARY, AnthropicTranslator
from racto.providers.anthropic.wire import MessagesWire
from racto.providers.kits import Turn, WireRequest
from racto.testing import AnthropicServer


@pytest.fixture
def make_kit(anthropic_server: AnthropicServer) -> Iterator[Callable[..., AnthropicDeveloperKit]]:
    """Makes kits that talk to the server as to Anthropic, and closes them."""
    made: list[AnthropicDeveloperKit] = []

    def make(model: str = "the-model", **options: Any) -> AnthropicDeveloperKit:
        used: dict[str, Any] = {
            "api_key": "test-key",
            "base_url": anthropic_server.url,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
            "timeout": 20.0,
        } | options
        made.append(AnthropicDeveloperKit(model, **used))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Callable[..., AnthropicDeveloperKit]) -> AnthropicDeveloperKit:
    """A kit that talks to the server."""
    return make_kit()


@pytest.fixture(params=VOICES)
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """Calls a kit's methods, or their async twins."""
    made = Voice(request.param)
    yield made
    made.close()


@pytest.fixture
def chat(voice: Voice, kit: AnthropicDeveloperKit) -> Callable[..., Any]:
    """Asks in either voice; takes a config's fields."""
    return lambda **fields: voice(kit, "chat", ChatConfig(**{"user_message": "?"} | fields))


@pytest.fixture
def translator() -> AnthropicTranslator:
    """Makes the errors."""
    return AnthropicTranslator("anthropic", ANTHROPIC_VOCABULARY)


@pytest.fixture
def encode(translator: AnthropicTranslator) -> Callable[..., WireRequest]:
    """Shapes a request without sending it."""

    def encoded(config: ChatConfig, *, version: APIVersion = CURRENT, **more: Any) -> WireRequest:
        turn = Turn(
            model="the-model",
            messages=config.messages(config.system),
            config=config,
            **{"tool_choice": config.tool_choice} | more,
        )
        return MessagesWire(translator, version).encode(turn)

    return encoded
