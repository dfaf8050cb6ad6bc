"""Every kit before a server of its provider, for tests that all of them must pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from racto.core import ChatConfig, RactoGatewayError, RetryPolicy
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.capabilities import CAPABILITIES as ANTHROPIC_CAN
from racto.providers.capabilities import Capabilities
from racto.providers.google import GoogleDeveloperKit
from racto.providers.google.capabilities import (
    CAPABILITIES as GOOGLE_CAN,
    INTERACTIONS_CAPABILITIES,
)
from racto.providers.huggingface import HuggingFaceDeveloperKit
from racto.providers.huggingface.capabilities import CAPABILITIES as HUGGINGFACE_CAN
from racto.providers.ollama import OllamaDeveloperKit
from racto.providers.ollama.capabilities import CAPABILITIES as OLLAMA_CAN
from racto.providers.openai import OPENAI, OpenAIDeveloperKit
from racto.providers.openai.capabilities import CAPABILITIES as OPENAI_CAN, CHAT_CAPABILITIES
from racto.testing import (
    AnthropicServer,
    GeminiServer,
    HuggingFaceServer,
    LoopbackServer,
    OllamaServer,
    OpenAIServer,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kit under examination."""

    kit: Callable[..., Any]
    server: Callable[[], LoopbackServer]
    declared: Capabilities


_AT_OPENAI = {"dialect": OPENAI, "embedding_model": "e"}
SUBJECTS = {
    "openai": Subject(
        kit=lambda **o: OpenAIDeveloperKit("m", api="responses", **_AT_OPENAI, **o),
        server=OpenAIServer,
        declared=OPENAI_CAN,
    ),
    "openai-chat": Subject(
        kit=lambda **o: OpenAIDeveloperKit("m", api="chat", **_AT_OPENAI, **o),
        server=OpenAIServer,
        declared=CHAT_CAPABILITIES,
    ),
    "anthropic": Subject(
        kit=lambda **o: AnthropicDeveloperKit("m", **o),
        server=AnthropicServer,
        declared=ANTHROPIC_CAN,
    ),
    "google": Subject(
        kit=lambda **o: GoogleDeveloperKit("m", embedding_model="e", **o),
        server=GeminiServer,
        declared=GOOGLE_CAN,
    ),
    "google-interactions": Subject(
        kit=lambda **o: GoogleDeveloperKit("m", api="interactions", embedding_model="e", **o),
        server=GeminiServer,
        declared=INTERACTIONS_CAPABILITIES,
    ),
    "ollama": Subject(
        kit=lambda **o: OllamaDeveloperKit("m", embedding_model="e", **o),
        server=OllamaServer,
        declared=OLLAMA_CAN,
    ),
    "huggingface": Subject(
        kit=lambda **o: HuggingFaceDeveloperKit("m", embedding_model="e", **o),
        server=HuggingFaceServer,
        declared=HUGGINGFACE_CAN,
    ),
}


@pytest.fixture
def subjects() -> dict[str, Subject]:
    """All of them, for tests that go from one to another."""
    return SUBJECTS


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]


@pytest.fixture
def server(subject: Subject) -> Iterator[LoopbackServer]:
    with subject.server() as server:
        yield server


@pytest.fixture
def make_kit(subject: Subject, server: LoopbackServer) -> Iterator[Callable[..., Any]]:
    """Makes kits that talk to the server, and closes them."""
    made: list[Any] = []

    def make(**options: Any) -> Any:
        retry = RetryPolicy(base=0.01, maximum=0.02)
        known = {"api_key": server.key, "base_url": server.url, "timeout": 60.0, "retry": retry}
        made.append(subject.kit(**known | options))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Callable[..., Any]) -> Any:
    """A kit that talks to the server."""
    return make_kit()


HI = ChatConfig(user_message="hi")


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """``ask(kit, config)`` in either voice."""
    if request.param == "sync":
        yield lambda kit, config=HI: kit.chat(config)
        return
    with asyncio.Runner() as runner:
        yield lambda kit, config=HI: runner.run(kit.achat(config))


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """``read(kit, config)``: the chunks of a stream, and the error that ended it."""

    def plainly(kit: Any, config: ChatConfig = HI) -> tuple[list[Any], Exception | None]:
        chunks: list[Any] = []
        try:
            for chunk in kit.stream(config):
                chunks.append(chunk)  # noqa: PERF402 - keeps what came before an error
        except RactoGatewayError as error:
            return chunks, error
        return chunks, None

    async def aread(kit: Any, config: ChatConfig) -> tuple[list[Any], Exception | None]:
        chunks: list[Any] = []
        try:
            async for chunk in kit.astream(config):
                chunks.append(chunk)  # noqa: PERF401 - as above
        except RactoGatewayError as error:
            return chunks, error
        return chunks, None

    if request.param == "sync":
        yield plainly
        return
    with asyncio.Runner() as runner:
        yield lambda kit, config=HI: runner.run(aread(kit, config))
