"""Conformance: Voyage's embedder keeps racto-core's contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from racto.core.testing import EmbedderContract
from racto.providers.voyage import VoyageEmbedder
from racto.testing import VoyageServer


class TestVoyageEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, voyage_server: VoyageServer) -> Iterator[VoyageEmbedder]:
        url, key = voyage_server.url, voyage_server.key
        with VoyageEmbedder("voyage-4", api_key=key, base_url=url, batch_size=3) as embedder:
            yield embedder
