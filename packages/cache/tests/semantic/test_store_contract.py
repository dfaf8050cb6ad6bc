"""StoreSemanticCache keeps the contract of semantic caches on any vector store."""

from __future__ import annotations

import pytest

from racto.cache import StoreSemanticCache
from racto.core.testing import DictStore, HashEmbedder, SimilarityCacheContract


class TestStoreSemanticCache(SimilarityCacheContract):
    """The whole contract, on core's store in a list."""

    @pytest.fixture
    def cache(self) -> StoreSemanticCache:
        return StoreSemanticCache(DictStore(), HashEmbedder(256), similarity_threshold=0.9)
