"""The store keeps the contract of vector stores, with each similarity."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.testing.contracts.stores import VectorStoreContract
from racto.stores.memory import InMemoryVectorStore


class TestCosine(VectorStoreContract):
    many = 100_000

    @pytest.fixture
    def store(self) -> InMemoryVectorStore:
        return InMemoryVectorStore()

    def elsewhere(self, store: InMemoryVectorStore, folder: Path) -> str:
        store.save(folder / "store.zip")
        return f"""
from racto.stores.memory import InMemoryVectorStore
store = InMemoryVectorStore()
store.load({str(folder / "store.zip")!r})
"""


class TestDot(VectorStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryVectorStore:
        return InMemoryVectorStore("dot", dimension=self.dimension)


class TestEuclidean(VectorStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryVectorStore:
        return InMemoryVectorStore("euclidean")
