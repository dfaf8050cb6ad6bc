"""Fixtures of Hugging Face's tests: kits that talk to a loopback server, in both voices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from racto.core import ChatConfig, LLMResponse, RetryPolicy, StreamChunk
from racto.providers.huggingface import HuggingFaceDeveloperKit
from racto.testing import HuggingFaceServer

Make = Callable[..., HuggingFaceDeveloperKit]
Ask = Callable[[HuggingFaceDeveloperKit, ChatConfig], LLMResponse]
Read = Callable[[HuggingFaceDeveloperKit, ChatConfig], list[StreamChunk]]


@pytest.fixture
def make_kit(huggingface_server: HuggingFaceServer) -> Iterator[Make]:
    """Makes kits that talk to the server, and closes them."""
    made: list[HuggingFaceDeveloperKit] = []

    def make(model: str | None = "the/model", **options: Any) -> HuggingFaceDeveloperKit:
        settings: dict[str, Any] = {
            "token": huggingface_server.key,
            "base_url": huggingface_server.url,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
            "timeout": 20.0,
            **options,
        }
        made.append(HuggingFaceDeveloperKit(model, **settings))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Make) -> HuggingFaceDeveloperKit:
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
