"""The store keeps the contract on Milvus Lite with each metric, and on a server over gRPC."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.milvus import MilvusStore


class TestProduct(VectorStoreContract):
    max_examples = 20

    @pytest.fixture
    def store(self, make: Callable[..., MilvusStore]) -> MilvusStore:
        return make(batch_size=3)


class TestCosine(VectorStoreContract):
    max_examples = 5
    many = 12_000

    @pytest.fixture
    def store(self, make: Callable[..., MilvusStore]) -> MilvusStore:
        return make(metric_type="COSINE", index_type="HNSW", dimension=self.dimension)


class TestDistanceOnServer(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, make: Callable[..., MilvusStore], server: str) -> MilvusStore:
        self.name, self.server = f"c{uuid4().hex}", server
        return make(self.name, metric_type="L2", uri=server, index_type="FLAT")

    def elsewhere(self, store: MilvusStore, folder: Path) -> str:
        where = f'{self.name!r}, uri={self.server!r}, metric_type="L2", index_type="FLAT"'
        return f"""
from racto.stores.milvus import MilvusStore
store = MilvusStore({where})
"""
