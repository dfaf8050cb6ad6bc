"""The store keeps the contract of vector stores, with each distance, type and index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from racto.core.testing.contracts.stores import VectorStoreContract
from racto.stores.pgvector import PGVectorStore

Maker = Callable[..., PGVectorStore]


class TestCosine(VectorStoreContract):
    many = 100_000

    @pytest.fixture
    def store(self, make_store: Maker, dsn: str) -> PGVectorStore:
        self.dsn, self.table = dsn, f"contract_{uuid4().hex}"
        return make_store(table=self.table, batch_size=1000)

    def elsewhere(self, store: PGVectorStore, folder: Path) -> str:
        return f"""
from racto.stores.pgvector import PGVectorStore
store = PGVectorStore({self.dsn!r}, table={self.table!r})
"""


class TestDot(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(distance="dot", dimension=self.dimension, text_search="simple")


class TestEuclideanIndexed(VectorStoreContract):
    max_examples = 10

    @pytest.fixture
    def store(self, make_store: Maker, dsn: str) -> PGVectorStore:
        self.dsn, self.table = dsn, f"contract {uuid4()}"
        return make_store(
            table=self.table, distance="l2", index="hnsw", metadata_index=True, batch_size=3
        )

    def elsewhere(self, store: PGVectorStore, folder: Path) -> str:
        return f"""
from racto.stores.pgvector import PGVectorStore
store = PGVectorStore({self.dsn!r}, table={self.table!r}, distance="l2", index="hnsw")
"""


class TestHalfvecIndexed(VectorStoreContract):
    max_examples = 5
    # A halfvec keeps three digits.
    tolerance = 1e-3

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(halfvec=True, index="hnsw", iterative_scan="strict_order")


class TestManhattan(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(distance="l1", schema="other ns", table=f'od"d % {uuid4()}')
