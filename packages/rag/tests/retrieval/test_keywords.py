"""KeywordRetriever keeps the contract of retrievers over any keyword index."""

from __future__ import annotations

import pytest

from racto.core import Chunk
from racto.core.testing import RetrieverContract
from racto.rag import BM25Index, KeywordRetriever


class TestKeywordRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> KeywordRetriever:
        index = BM25Index()
        index.add(corpus)
        return KeywordRetriever(index)
