"""The store keeps the contract of vector stores, with each structure and each metric."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.faiss import FAISSStore


def saved(store: FAISSStore, folder: Path, kind: str) -> str:
    store.save(folder / "chunks.faiss")
    return f"""
from racto.stores.faiss import FAISSStore
store = FAISSStore({kind})
store.load({str(folder / "chunks.faiss")!r})
"""


class TestFlatCosine(VectorStoreContract):
    many = 100_000

    @pytest.fixture
    def store(self) -> FAISSStore:
        return FAISSStore()

    def elsewhere(self, store: FAISSStore, folder: Path) -> str:
        return saved(store, folder, "")


class TestFlatDot(VectorStoreContract):
    @pytest.fixture
    def store(self) -> FAISSStore:
        return FAISSStore(self.dimension, "flat_dot")


class TestFlatDistance(VectorStoreContract):
    @pytest.fixture
    def store(self) -> FAISSStore:
        return FAISSStore(index_type="flat_l2")


class TestGraph(VectorStoreContract):
    @pytest.fixture
    def store(self) -> FAISSStore:
        return FAISSStore(self.dimension, "hnsw_ip")

    def elsewhere(self, store: FAISSStore, folder: Path) -> str:
        return saved(store, folder, "8, 'hnsw_ip'")


class TestGraphOfDistances(VectorStoreContract):
    @pytest.fixture
    def store(self) -> FAISSStore:
        return FAISSStore(index_type="hnsw_l2")


class TestLists(VectorStoreContract):
    @pytest.fixture
    def store(self) -> FAISSStore:
        # One list is learned from 39 chunks, which the law on many callers adds.
        return FAISSStore(self.dimension, "ivf_ip", nlist=1, nprobe=1)
