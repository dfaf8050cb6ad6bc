"""The store keeps the contract of vector stores, with each distance, type and index."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from racto.core.testing import known_gap
from racto.core.testing.contracts.stores import VectorStoreContract
from racto.stores.pgvector import PGVectorStore

Maker = Callable[..., PGVectorStore]


class TestCosine(VectorStoreContract):
    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store()


class TestDot(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(distance="dot", dimension=self.dimension, text_search="simple")


class TestEuclideanIndexed(VectorStoreContract):
    max_examples = 10

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(distance="l2", index="hnsw", metadata_index=True, batch_size=3)


_ROUNDED = "a halfvec keeps three digits of a value, and the law compares four"


@known_gap("test_lookup_keeps_the_order_of_ids", why=_ROUNDED)
@known_gap("test_scan_meets_each_chunk_once", why=_ROUNDED)
class TestHalfvecIndexed(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(halfvec=True, index="hnsw", iterative_scan="strict_order")


@known_gap(
    "test_filter_comes_before_top_k",
    why="by the sum of differences a unit vector turned by 2.8 radians is nearer than one by 2.6",
)
class TestManhattan(VectorStoreContract):
    max_examples = 5

    @pytest.fixture
    def store(self, make_store: Maker) -> PGVectorStore:
        return make_store(distance="l1", schema="other ns", table=f'od"d % {uuid4()}')
