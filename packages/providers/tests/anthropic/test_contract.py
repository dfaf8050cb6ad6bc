"""Conformance: the kit keeps racto-core's contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core.testing import ChatKitContract
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.testing import AnthropicServer, Failure, Reply

Make = Callable[..., AnthropicDeveloperKit]


class TestAnthropicDeveloperKit(ChatKitContract):
    @pytest.fixture
    def kit(self, anthropic_server: AnthropicServer, make_kit: Make) -> AnthropicDeveloperKit:
        anthropic_server.default = Reply(text=["The sea ", "is wide."])
        return make_kit()

    @pytest.fixture
    def broken_kit(
        self, anthropic_server: AnthropicServer, make_kit: Make
    ) -> AnthropicDeveloperKit:
        anthropic_server.default = Failure(kind="server_error")
        return make_kit()
