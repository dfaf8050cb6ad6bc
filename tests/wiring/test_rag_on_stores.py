"""RactoRAG on every store that runs in this process, and copies from one to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from racto.core.protocols import VectorStore
from racto.core.transfers import copy_store
from racto.providers.local import LocalEmbedder
from racto.rag import RactoRAG
from racto.stores.chroma import ChromaStore
from racto.stores.faiss import FAISSStore
from racto.stores.memory import InMemoryVectorStore
from racto.stores.milvus import MilvusStore
from racto.stores.qdrant import QdrantStore

MAKERS: dict[str, Callable[[Path], VectorStore]] = {
    "memory": lambda _: InMemoryVectorStore(),
    "faiss": lambda _: FAISSStore(),
    "qdrant": lambda place: QdrantStore(path=str(place / "qdrant")),
    "chroma": lambda place: ChromaStore(path=str(place / "chroma")),
    "milvus": lambda place: MilvusStore(uri=str(place / "milvus.db")),
}


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


@pytest.fixture(params=sorted(MAKERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    made = MAKERS[request.param](tmp_path)
    yield made
    made.close()


def test_documents_come_change_and_go(
    store: VectorStore, embedder: LocalEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    pump, bread = folder / "pump.md", folder / "bread.md"
    pump.write_text("# Pump\n\nThe pump is guaranteed for five years.\n")
    bread.write_text("# Bread\n\nBake the bread at 230 degrees for forty minutes.\n")
    with RactoRAG(store, embedder, index=tmp_path / "index", processors=[]) as rag:
        rag.update(folder, metadata={"shelf": 7, "tags": ["öl", None], "since": "2024-05-01"})
        reply = rag.query("How long is the pump guaranteed?")
        assert reply.citations[0].quote == "The pump is guaranteed for five years."
        hits = rag.retrieve("oven temperature", 5, {"shelf": {"$gte": 7}})
        assert {hit.chunk.metadata.extra["tags"][0] for hit in hits} == {"öl"}
        assert rag.retrieve("oven", 5, {"shelf": {"$lt": 7}}) == []

        pump.write_text("# Pump\n\nThe pump is guaranteed for six years.\n")
        bread.unlink()
        assert rag.update(folder, metadata={"shelf": 7}).removed == 1
        assert store.count() == rag.count() == 1
        (only,) = rag.retrieve("pump", 5)
        assert "six years" in only.chunk.content


def test_what_one_store_holds_goes_whole_into_another(
    store: VectorStore, embedder: LocalEmbedder, tmp_path: Path
) -> None:
    source = InMemoryVectorStore()
    with RactoRAG(source, embedder) as rag:
        for number in range(120):
            rag.ingest_text(f"Note {number} about bees.", source=f"n{number}", number=number)
        report = copy_store(source, store, page_size=50)
        assert report.is_complete, report
        assert (report.copied, report.verified, report.target_count) == (120, 120, 120)
        assert copy_store(source, store).skipped == 120
