"""Conformance: the kit, over both APIs and transports, and the embedder keep the contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from racto.core.testing import ChatKitContract, EmbedderContract
from racto.providers.openai import OpenAIDeveloperKit, OpenAIEmbedder
from racto.testing import Failure, OpenAIServer, Reply

Make = Callable[..., OpenAIDeveloperKit]
SEA = Reply(text=["The sea ", "is wide."])


class TestResponses(ChatKitContract):
    @pytest.fixture
    def kit(self, server: OpenAIServer, make_kit: Make) -> OpenAIDeveloperKit:
        server.default = SEA
        return make_kit(api="responses")

    @pytest.fixture
    def broken_kit(self, server: OpenAIServer, make_kit: Make) -> OpenAIDeveloperKit:
        server.default = Failure()
        return make_kit(api="responses")


class TestChatCompletions(ChatKitContract):
    @pytest.fixture
    def kit(self, server: OpenAIServer, make_kit: Make) -> OpenAIDeveloperKit:
        server.default = SEA
        return make_kit(api="chat")

    @pytest.fixture
    def broken_kit(self, server: OpenAIServer, make_kit: Make) -> OpenAIDeveloperKit:
        server.default = Failure()
        return make_kit(api="chat")


class TestAiohttp(ChatKitContract):
    @pytest.fixture
    def kit(self, server: OpenAIServer, make_kit: Make) -> OpenAIDeveloperKit:
        server.default = SEA
        return make_kit(api="responses", http="aiohttp")


class TestOpenAIEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, server: OpenAIServer) -> Iterator[OpenAIEmbedder]:
        with OpenAIEmbedder("m", api_key=server.key, base_url=server.url, batch_size=3) as embedder:
            yield embedder
