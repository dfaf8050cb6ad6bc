"""Conformance: the local embedder, and the kits made of kits, keep racto-core's contracts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core.testing import ChatKitContract, EmbedderContract
from racto.providers import CostAwareRouter, FallbackKit, RoutedKit, RoutingTier
from racto.providers.local import LocalEmbedder
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Failure, OpenAIServer, Reply

Make = Callable[..., OpenAIDeveloperKit]
SEA = Reply(text=["The sea ", "is wide."])


class TestLocalEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> LocalEmbedder:
        return LocalEmbedder()


class TestFallbackKit(ChatKitContract):
    """Over a first kit that works."""

    @pytest.fixture
    def kit(self, server: OpenAIServer, make_kit: Make) -> FallbackKit:
        server.default = SEA
        return FallbackKit([make_kit(), make_kit()])

    @pytest.fixture
    def broken_kit(self, server: OpenAIServer, make_kit: Make) -> FallbackKit:
        server.default = Failure()
        return FallbackKit([make_kit(), make_kit()], breaker=None, retries=0)


class TestFallenBack(ChatKitContract):
    """Over a first kit that is down."""

    @pytest.fixture
    def kit(self, server: OpenAIServer, make_kit: Make) -> FallbackKit:
        server.default = SEA
        down = make_kit(base_url="http://127.0.0.1:9/v1")
        return FallbackKit([down, make_kit()], retries=0)


class TestRoutedKit(ChatKitContract):
    @pytest.fixture
    def kit(self, server: OpenAIServer, make_kit: Make) -> RoutedKit:
        server.default = SEA
        return RoutedKit(_ladder(make_kit))

    @pytest.fixture
    def broken_kit(self, server: OpenAIServer, make_kit: Make) -> RoutedKit:
        server.default = Failure()
        return RoutedKit(_ladder(make_kit))


def _ladder(make_kit: Make) -> CostAwareRouter:
    return CostAwareRouter(
        [
            RoutingTier(model="small", max_score=30, kit=make_kit()),
            RoutingTier(model="large", max_score=100, kit=make_kit()),
        ]
    )
