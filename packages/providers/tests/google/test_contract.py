"""Conformance: the kit and the embedder keep racto-core's contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from racto.core.testing import ChatKitContract, EmbedderContract
from racto.providers.google import GoogleDeveloperKit, GoogleEmbedder
from racto.testing import Failure, GeminiServer, Reply

Make = Callable[..., GoogleDeveloperKit]


class TestGoogleDeveloperKit(ChatKitContract):
    @pytest.fixture
    def kit(self, server: GeminiServer, make_kit: Make) -> GoogleDeveloperKit:
        server.default = Reply(text=["The sea ", "is wide."], signature="proof")
        return make_kit()

    @pytest.fixture
    def broken_kit(self, server: GeminiServer, make_kit: Make) -> GoogleDeveloperKit:
        server.default = Failure(kind="server_error")
        return make_kit()


class TestGoogleEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, server: GeminiServer) -> Iterator[GoogleEmbedder]:
        with GoogleEmbedder("m", api_key=server.key, base_url=server.url, batch_size=3) as embedder:
            yield embedder
