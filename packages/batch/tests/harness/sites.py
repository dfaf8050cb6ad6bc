"""The three providers on loopback servers, each with its processor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from racto.batch import (
    AnthropicBatchProcessor,
    GeminiBatchProcessor,
    HostedBatchProcessor,
    OpenAIBatchProcessor,
)
from racto.core import RetryPolicy
from racto.testing import AnthropicServer, GeminiServer, OpenAIServer

from .codecs import ChatCodec

_KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    "openai": (OpenAIServer, OpenAIBatchProcessor),
    "anthropic": (AnthropicServer, AnthropicBatchProcessor),
    "google": (GeminiServer, GeminiBatchProcessor),
}


@dataclass(frozen=True, kw_only=True)
class Site:
    """A provider on a loopback server.

    Attributes:
        provider: Its name.
        server: The server.
        folder: Where processors keep their state.
    """

    provider: str
    server: Any
    folder: Path

    def processor(self, state: str = "state", **options: Any) -> HostedBatchProcessor:
        """A processor that talks to the server.

        Args:
            state: Name of its folder for the state; the same for processes of one machine.
            **options: Of the processor.
        """
        codec = ChatCodec(self.provider)
        given: dict[str, Any] = {
            "codec": codec,
            "api_key": self.server.key,
            "base_url": self.server.url,
            "state": self.folder / state,
            "timeout": 10.0,
            "retries": RetryPolicy(attempts=4, base=0.0),
        }
        made: HostedBatchProcessor = _KINDS[self.provider][1](codec.model, **(given | options))
        return made


@pytest.fixture(params=_KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """One provider after the other."""
    with ExitStack() as stack:
        server = stack.enter_context(_KINDS[request.param][0](key="sk-test-0123456789"))
        yield Site(provider=request.param, server=server, folder=tmp_path)
