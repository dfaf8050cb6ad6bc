"""Fixtures for pytest: one loopback server a provider, and recordings, fresh for each test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

# pytest loads this file in every run of whoever has the package installed, so that the servers
# are imported by the fixtures that need them.
if TYPE_CHECKING:
    from .anthropic import AnthropicServer
    from .cassettes import CassetteServer
    from .gemini import GeminiServer
    from .huggingface import HuggingFaceServer
    from .kafka import KafkaBroker
    from .ollama import OllamaServer
    from .openai import OpenAIServer
    from .pinecone import PineconeServer
    from .voyage import VoyageServer
    from .weaviate import WeaviateServer


_FAILED = pytest.StashKey[bool]()


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Remember which tests failed or were skipped: what they recorded is not kept."""
    if call.excinfo is not None:
        item.stash[_FAILED] = True


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A server that speaks OpenAI's protocol; its key is ``test-key``."""
    from .openai import OpenAIServer

    with OpenAIServer() as server:
        yield server


@pytest.fixture
def anthropic_server() -> Iterator[AnthropicServer]:
    """A server that speaks Anthropic's protocol; its key is ``test-key``."""
    from .anthropic import AnthropicServer

    with AnthropicServer() as server:
        yield server


@pytest.fixture
def gemini_server() -> Iterator[GeminiServer]:
    """A server that speaks Gemini's protocol; its key is ``test-key``."""
    from .gemini import GeminiServer

    with GeminiServer() as server:
        yield server


@pytest.fixture
def ollama_server() -> Iterator[OllamaServer]:
    """A server that speaks Ollama's protocol."""
    from .ollama import OllamaServer

    with OllamaServer() as server:
        yield server


@pytest.fixture
def huggingface_server() -> Iterator[HuggingFaceServer]:
    """A server that speaks the protocol of Hugging Face's router; its key is ``test-key``."""
    from .huggingface import HuggingFaceServer

    with HuggingFaceServer() as server:
        yield server


@pytest.fixture
def voyage_server() -> Iterator[VoyageServer]:
    """A server that speaks Voyage's protocol; its key is ``test-key``."""
    from .voyage import VoyageServer

    with VoyageServer() as server:
        yield server


@pytest.fixture
def pinecone_server() -> Iterator[PineconeServer]:
    """A server that speaks Pinecone's protocol; its key is ``test-key``."""
    from .pinecone import PineconeServer

    with PineconeServer() as server:
        yield server


@pytest.fixture
def weaviate_server() -> Iterator[WeaviateServer]:
    """A server that speaks Weaviate's protocols, REST and gRPC; it asks for no key."""
    from .weaviate import WeaviateServer

    with WeaviateServer() as server:
        yield server


@pytest.fixture
def kafka_broker() -> Iterator[KafkaBroker]:
    """A broker that speaks Kafka's protocol; it starts in half a second."""
    from .kafka import KafkaBroker

    with KafkaBroker() as broker:
        yield broker


@pytest.fixture
def cassette(request: pytest.FixtureRequest) -> Iterator[Callable[..., CassetteServer]]:
    """Makes servers that replay what was recorded for this very test, or record it.

    ``cassette(upstream="https://api.openai.com/v1")`` keeps its recording in
    ``cassettes/<test file>/<test>.json`` beside the test's file; ``name=`` tells several of one
    test apart, and all else goes to :class:`~racto.testing.CassetteServer`. A request without a
    recording fails the test, and of a test that fails nothing is kept.
    """
    from .cassettes import CassetteServer

    made: list[CassetteServer] = []
    with ExitStack() as stack:

        def make(*, name: str = "", **options: Any) -> CassetteServer:
            # Parameters of a test may hold anything, and a file's name may not.
            label = re.sub(r"[^\w.-]+", "-", f"{request.node.name}-{name}").strip("-")
            path = request.path.parent / "cassettes" / request.path.stem / f"{label}.json"
            server = stack.enter_context(CassetteServer(path, **options))
            made.append(server)
            return server

        yield make
        if request.node.stash.get(_FAILED, False):
            for server in made:
                server.discard()
