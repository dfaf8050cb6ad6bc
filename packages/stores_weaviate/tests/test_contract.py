"""WeaviateStore keeps the contract of a vector store, on the official client, with each distance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.weaviate import WeaviateStore
from racto.testing.weaviate import WeaviateServer

Make = Callable[..., WeaviateStore]


class TestCosine(VectorStoreContract):
    many = 12_000

    @pytest.fixture
    def store(self, make: Make, server: WeaviateServer) -> WeaviateStore:
        self.server = server
        return make()

    def elsewhere(self, store: WeaviateStore, folder: Path) -> str:
        where = f'url={self.server.url!r}, grpc_port={self.server.grpc_port}, api_key="test-key"'
        return f"""
from racto.stores.weaviate import WeaviateStore
store = WeaviateStore("RactoChunk", {where})
"""


class TestSquaredDistanceInATenant(VectorStoreContract):
    @pytest.fixture
    def store(self, make: Make) -> WeaviateStore:
        return make(distance_metric="l2-squared", tenant="own")


class TestDotProductInSmallBatches(VectorStoreContract):
    @pytest.fixture
    def store(self, make: Make) -> WeaviateStore:
        return make(distance_metric="dot", batch_size=3)
