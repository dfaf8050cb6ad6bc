"""StoreSemanticCache keeps its contract on racto's own stores, whatever they score by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from racto.cache import StoreSemanticCache
from racto.core.protocols import VectorStore
from racto.core.testing import HashEmbedder, SimilarityCacheContract
from racto.stores.faiss import FAISSStore
from racto.stores.memory import InMemoryVectorStore
from racto.stores.qdrant import QdrantStore

MAKERS: dict[str, Callable[[Path], VectorStore]] = {
    "memory": lambda _: InMemoryVectorStore(),
    "faiss": lambda _: FAISSStore(),
    "qdrant": lambda place: QdrantStore(path=str(place / "qdrant")),
}


class TestStoreSemanticCache(SimilarityCacheContract):
    """The whole contract, on each store."""

    @pytest.fixture(params=sorted(MAKERS))
    def cache(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSemanticCache]:
        store = MAKERS[request.param](tmp_path)
        yield StoreSemanticCache(
            store, HashEmbedder(256), similarity_threshold=0.9, fail_open=False
        )
        store.close()
