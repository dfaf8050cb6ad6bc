"""Fixtures of the flow's tests: OpenAI's loopback server, and kits that talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core import RetryPolicy
from racto.core.testing import Voice
from racto.providers.openai import OPENAI, OpenAIDeveloperKit
from racto.testing import OpenAIServer


@pytest.fixture
def server(openai_server: OpenAIServer) -> OpenAIServer:
    """A fresh loopback server."""
    return openai_server


@pytest.fixture
def make_kit(server: OpenAIServer) -> Iterator[Callable[..., OpenAIDeveloperKit]]:
    """Makes kits that talk to the server as to OpenAI, over Chat Completions, and closes them."""
    made: list[OpenAIDeveloperKit] = []

    def make(model: str = "the-model", **options: Any) -> OpenAIDeveloperKit:
        options = {
            "api_key": server.key,
            "base_url": server.url,
            "dialect": OPENAI,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
            "timeout": 20.0,
        } | options
        made.append(OpenAIDeveloperKit(model, **options))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Callable[..., OpenAIDeveloperKit]) -> OpenAIDeveloperKit:
    """A kit that talks to the server."""
    return make_kit()


@pytest.fixture(params=["sync", "async"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """Calls a kit with its plain methods, and with their async twins."""
    made = Voice(request.param)
    yield made
    made.close()
