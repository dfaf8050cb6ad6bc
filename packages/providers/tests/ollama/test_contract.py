"""Conformance: Ollama's kit and embedder keep racto-core's contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from racto.core.testing import ChatKitContract, EmbedderContract
from racto.providers.ollama import OllamaDeveloperKit, OllamaEmbedder
from racto.testing import Failure, OllamaServer, Reply

Make = Callable[..., OllamaDeveloperKit]


class TestOllamaDeveloperKit(ChatKitContract):
    @pytest.fixture
    def kit(self, ollama_server: OllamaServer, make_kit: Make) -> OllamaDeveloperKit:
        ollama_server.default = Reply(text=["The sea ", "is wide."])
        return make_kit()

    @pytest.fixture
    def broken_kit(self, ollama_server: OllamaServer, make_kit: Make) -> OllamaDeveloperKit:
        ollama_server.default = Failure(kind="server_error")
        return make_kit()


class TestOllamaEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, ollama_server: OllamaServer) -> Iterator[OllamaEmbedder]:
        with OllamaEmbedder("m", base_url=ollama_server.url, batch_size=3) as embedder:
            yield embedder
