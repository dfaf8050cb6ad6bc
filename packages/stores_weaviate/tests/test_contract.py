"""WeaviateStore keeps the contract of a vector store, on the official client, with each distance."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.weaviate import WeaviateStore

Make = Callable[..., WeaviateStore]


class TestCosine(VectorStoreContract):
    @pytest.fixture
    def store(self, make: Make) -> WeaviateStore:
        return make()


class TestSquaredDistanceInATenant(VectorStoreContract):
    @pytest.fixture
    def store(self, make: Make) -> WeaviateStore:
        return make(distance_metric="l2-squared", tenant="own")


class TestDotProductInSmallBatches(VectorStoreContract):
    @pytest.fixture
    def store(self, make: Make) -> WeaviateStore:
        return make(distance_metric="dot", batch_size=3)
