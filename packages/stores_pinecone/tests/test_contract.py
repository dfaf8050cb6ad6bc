"""PineconeStore keeps the contract of a vector store, on the official client, with each metric."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.pinecone import PineconeStore
from racto.testing.pinecone import PineconeServer


def store_on(server: PineconeServer, dimension: int, **options: Any) -> Iterator[PineconeStore]:
    metric = options.get("metric", "cosine")
    server.create_index("contract", dimension=dimension, metric=metric)
    store = PineconeStore("contract", api_key="test-key", control_host=server.url, **options)
    yield store
    store.close()


class TestCosine(VectorStoreContract):
    many = 100_000

    @pytest.fixture
    def store(self, server: PineconeServer) -> Iterator[PineconeStore]:
        self.url = server.url
        yield from store_on(server, self.dimension)

    def elsewhere(self, store: PineconeStore, folder: Path) -> str:
        return f"""
from racto.stores.pinecone import PineconeStore
store = PineconeStore("contract", api_key="test-key", control_host={self.url!r})
"""


class TestEuclideanInANamespace(VectorStoreContract):
    @pytest.fixture
    def store(self, server: PineconeServer) -> Iterator[PineconeStore]:
        yield from store_on(server, self.dimension, metric="euclidean", namespace="own")


class TestDotProductInSmallBatches(VectorStoreContract):
    @pytest.fixture
    def store(self, server: PineconeServer) -> Iterator[PineconeStore]:
        yield from store_on(server, self.dimension, metric="dotproduct", batch_size=3)
