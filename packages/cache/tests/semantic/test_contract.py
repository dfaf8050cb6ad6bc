"""SemanticCache keeps racto-core's contract of semantic caches."""

from __future__ import annotations

import pytest

from racto.cache import SemanticCache
from racto.core.testing import HashEmbedder, SimilarityCacheContract


class TestSemanticCache(SimilarityCacheContract):
    """The whole contract, in memory."""

    @pytest.fixture
    def cache(self) -> SemanticCache:
        return SemanticCache(HashEmbedder(256), 0.9)
