"""Fixtures of all providers' tests: the loopback server, and kits that talk to it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from racto.core import RetryPolicy
from racto.providers.openai import OPENAI, OpenAIDeveloperKit


def _loopback() -> Any:
    name = "racto_providers_loopback"
    if name not in sys.modules:
        place = Path(__file__).with_name("loopback.py")
        spec = importlib.util.spec_from_file_location(name, place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def server() -> Iterator[Any]:
    """A fresh loopback server."""
    made = _loopback().Loopback()
    yield made
    made.close()


@pytest.fixture
def make_kit(server: Any) -> Iterator[Callable[..., OpenAIDeveloperKit]]:
    """Makes kits that talk to the server as to OpenAI, and closes them."""
    made: list[OpenAIDeveloperKit] = []

    def make(model: str = "the-model", **options: Any) -> OpenAIDeveloperKit:
        options = {
            "api_key": _loopback().KEY,
            "base_url": server.url,
            "dialect": OPENAI,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
            "timeout": 20.0,
        } | options
        made.append(OpenAIDeveloperKit(model, **options))
        return made[-1]

    yield make
    for kit in made:
        kit.close()


@pytest.fixture
def kit(make_kit: Callable[..., OpenAIDeveloperKit]) -> OpenAIDeveloperKit:
    """A kit that talks to the server."""
    return make_kit()
