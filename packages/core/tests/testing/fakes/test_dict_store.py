"""DictStore keeps the contract of vector stores, with all powers."""

import pytest

from racto.core.testing import DictStore, VectorStoreContract


class TestDictStore(VectorStoreContract):
    @pytest.fixture
    def store(self) -> DictStore:
        return DictStore()


class TestDictStoreOfKnownDimension(VectorStoreContract):
    @pytest.fixture
    def store(self) -> DictStore:
        return DictStore(self.dimension)
