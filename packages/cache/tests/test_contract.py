"""ExactMatchCache keeps racto-core's contract of exact caches, coalescing included."""

from __future__ import annotations

import pytest

from racto.cache import ExactMatchCache
from racto.core.testing import ExactCacheContract


class TestExactMatchCache(ExactCacheContract):
    """The whole contract."""

    @pytest.fixture
    def cache(self) -> ExactMatchCache:
        return ExactMatchCache(keep_tool_calls=True)


class TestPlainSettings(ExactCacheContract):
    """As it is made without a word, with a budget of bytes."""

    @pytest.fixture
    def cache(self) -> ExactMatchCache:
        return ExactMatchCache(max_bytes=10_000_000)
