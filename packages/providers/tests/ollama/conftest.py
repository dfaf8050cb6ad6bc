"""Fixtures of Ollama's tests: kits that talk to a loopback server, in both voices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from racto.core import ChatConfig, LLMResponse, RetryPolicy, StreamChunk
from racto.providers.ollama import OllamaDeveloperKit
from racto.testing import OllamaServer

Make = Callable[..., OllamaDeveloperKit]
Ask = Callable[[OllamaDeveloperKit, ChatConfig], LLMResponse]
Read = Callable[[OllamaDeveloperKit, ChatConfig], list[StreamChunk]]


@pytest.fixture
def make_kit(ollama_server: OllamaServer) -> Iterator[Make]:
    """Makes kits that talk to the server, and closes them."""
    made: list[OllamaDeveloperKit] = []

    def make(model: str = "the-model", **options: Any) -> OllamaDeveloperKit:
        settings: dict[str, Any] = {
            "base_url": ollama_server.url,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
            "timeout": 20.0,
            **options,
        }
        made.append(OllamaDeveloperKit(model, **settings))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Make) -> OllamaDeveloperKit:
    """A kit that talks to the server."""
    return make_kit()


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Asks for a whole reply, in either voice."""
    if request.param == "sync":
        return lambda kit, config: kit.chat(config)
    return lambda kit, config: asyncio.run(kit.achat(config))


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    """Reads a whole stream, in either voice."""
    if request.param == "sync":
        return lambda kit, config: list(kit.stream(config))
    return lambda kit, config: asyncio.run(_all(kit.astream(config)))


async def _all(chunks: AsyncIterator[StreamChunk]) -> list[StreamChunk]:
    return [chunk async for chunk in chunks]
