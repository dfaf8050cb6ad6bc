"""QdrantStore keeps the contract of a vector store: by each distance, in each place."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.qdrant import QdrantStore


# Beyond 20,000 points the client warns that its local mode is slow.
@pytest.mark.filterwarnings("ignore:Local mode is not recommended")
class TestCosine(VectorStoreContract):
    many = 100_000

    @pytest.fixture
    def store(self) -> QdrantStore:
        return QdrantStore()


class TestEuclid(VectorStoreContract):
    max_examples = 20

    @pytest.fixture
    def store(self) -> QdrantStore:
        return QdrantStore(distance="euclid", dimension=self.dimension)


class TestDotWithKeywords(VectorStoreContract):
    max_examples = 20

    @pytest.fixture
    def store(self) -> QdrantStore:
        return QdrantStore(distance="dot", keywords=True, vector_name="text", batch_size=3)


class TestFolder(VectorStoreContract):
    # Each point is a commit of its own to SQLite.
    max_examples = 5

    @pytest.fixture
    def store(self, tmp_path: Path) -> QdrantStore:
        return QdrantStore(path=tmp_path / "qdrant")

    def elsewhere(self, store: QdrantStore, folder: Path) -> str:
        return f"""
from racto.stores.qdrant import QdrantStore
store = QdrantStore(path={str(folder / "qdrant")!r})
"""


class TestOverHTTP(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, loopback: Any) -> QdrantStore:
        self.url = loopback.url
        return QdrantStore(url=self.url, distance="euclid", return_vectors=True)

    def elsewhere(self, store: QdrantStore, folder: Path) -> str:
        return f"""
from racto.stores.qdrant import QdrantStore
store = QdrantStore(url={self.url!r}, distance="euclid")
"""


@pytest.mark.skipif(
    "RACTO_TEST_QDRANT" not in os.environ,
    reason="RACTO_TEST_QDRANT is not set; give it the URL of a Qdrant server",
)
@pytest.mark.parametrize("grpc", [False, True], ids=["rest", "grpc"])
class TestServer(VectorStoreContract):
    max_examples = 20

    @pytest.fixture
    def store(self, grpc: bool) -> Iterator[QdrantStore]:
        url = os.environ["RACTO_TEST_QDRANT"]
        store = QdrantStore(f"racto-{uuid.uuid4().hex}", url=url, grpc=grpc, exact=True)
        yield store
        QdrantStore(store.collection, url=url).drop()
