"""Conformance: the kit and the embedders keep racto-core's contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core.testing import ChatKitContract, EmbedderContract
from racto.providers.local import LocalEmbedder
from racto.providers.openai import OpenAIDeveloperKit, OpenAIEmbedder

Make = Callable[..., OpenAIDeveloperKit]


def _sea(server: Any) -> Callable[[dict[str, Any]], Any]:
    def rule(body: dict[str, Any]) -> Any:
        if body.get("stream"):
            return server.streams(["The sea ", "is wide."], usage=server.usage(5, 4))
        return server.says("The sea is wide.")

    return rule


class TestOpenAIDeveloperKit(ChatKitContract):
    @pytest.fixture
    def kit(self, server: Any, make_kit: Make) -> OpenAIDeveloperKit:
        server.rule = _sea(server)
        return make_kit()

    @pytest.fixture
    def broken_kit(self, server: Any, make_kit: Make) -> OpenAIDeveloperKit:
        server.rule = lambda _body: server.fails(500)
        return make_kit()


class TestOpenAIEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, server: Any) -> Iterator[OpenAIEmbedder]:
        with OpenAIEmbedder("m", api_key="k", base_url=server.url, batch_size=3) as embedder:
            yield embedder


class TestLocalEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> LocalEmbedder:
        return LocalEmbedder()
