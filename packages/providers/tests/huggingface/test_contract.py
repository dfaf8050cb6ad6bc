"""Conformance: Hugging Face's kit and embedder keep racto-core's contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from racto.core.testing import ChatKitContract, EmbedderContract
from racto.providers.huggingface import HuggingFaceDeveloperKit, HuggingFaceEmbedder
from racto.testing import Failure, HuggingFaceServer, Reply

Make = Callable[..., HuggingFaceDeveloperKit]


class TestHuggingFaceDeveloperKit(ChatKitContract):
    @pytest.fixture
    def kit(self, huggingface_server: HuggingFaceServer, make_kit: Make) -> HuggingFaceDeveloperKit:
        huggingface_server.default = Reply(text=["The sea ", "is wide."])
        return make_kit()

    @pytest.fixture
    def broken_kit(
        self, huggingface_server: HuggingFaceServer, make_kit: Make
    ) -> HuggingFaceDeveloperKit:
        huggingface_server.default = Failure(kind="server_error")
        return make_kit()


class TestHuggingFaceEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, huggingface_server: HuggingFaceServer) -> Iterator[HuggingFaceEmbedder]:
        url, key = huggingface_server.url, huggingface_server.key
        with HuggingFaceEmbedder("m", token=key, base_url=url, batch_size=3) as embedder:
            yield embedder
