"""ChromaStore keeps the contract of a vector store: by each distance, in each place."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.chroma import ChromaStore


class TestCosine(VectorStoreContract):
    max_examples = 20
    many = 12_000

    @pytest.fixture
    def store(self) -> Iterator[ChromaStore]:
        store = ChromaStore()
        yield store
        store.close()


class TestFolder(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[ChromaStore]:
        store = ChromaStore(path=tmp_path, distance_function="l2", dimension=self.dimension)
        yield store
        store.close()

    def elsewhere(self, store: ChromaStore, folder: Path) -> str:
        return f"""
from racto.stores.chroma import ChromaStore
store = ChromaStore(path={str(folder)!r}, distance_function="l2")
"""


class TestServer(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, port: int) -> Iterator[ChromaStore]:
        self.name, self.port = f"contract-{uuid.uuid4().hex}", port
        store = ChromaStore(self.name, host="127.0.0.1", port=port, distance_function="ip")
        yield store
        store.close()

    def elsewhere(self, store: ChromaStore, folder: Path) -> str:
        where = f'{self.name!r}, host="127.0.0.1", port={self.port}'
        return f"""
from racto.stores.chroma import ChromaStore
store = ChromaStore({where}, distance_function="ip")
"""
