"""The store keeps the contract of vector stores, with each similarity."""

from __future__ import annotations

import pytest

from racto.core.testing.contracts.stores import VectorStoreContract
from racto.stores.memory import InMemoryVectorStore


class TestCosine(VectorStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryVectorStore:
        return InMemoryVectorStore()


class TestDot(VectorStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryVectorStore:
        return InMemoryVectorStore("dot", dimension=self.dimension)


class TestEuclidean(VectorStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryVectorStore:
        return InMemoryVectorStore("euclidean")
