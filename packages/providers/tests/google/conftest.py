"""Fixtures for the tests of the Google kit: kits that talk to the loopback server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core import RetryPolicy
from racto.providers.google import GoogleDeveloperKit
from racto.testing import GeminiServer


@pytest.fixture
def server(gemini_server: GeminiServer) -> GeminiServer:
    """A fresh loopback server."""
    return gemini_server


@pytest.fixture
def make_kit(server: GeminiServer) -> Iterator[Callable[..., GoogleDeveloperKit]]:
    """Makes kits that talk to the server, and closes them."""
    made: list[GoogleDeveloperKit] = []

    def make(model: str = "gemini-3.8-flash", **options: Any) -> GoogleDeveloperKit:
        options = {
            "api_key": server.key,
            "base_url": server.url,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
            "timeout": 20.0,
        } | options
        made.append(GoogleDeveloperKit(model, **options))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Callable[..., GoogleDeveloperKit]) -> GoogleDeveloperKit:
    """A kit that talks to the server."""
    return make_kit()
