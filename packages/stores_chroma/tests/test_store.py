"""What ChromaStore promises beyond the contract: places, scores, replacing, secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    IndexCorruptError,
    StoreClosedError,
)
from racto.stores.chroma import ChromaStore


def chunk(name: str, /, *vector: float, **extra: Any) -> Chunk:
    return Chunk(
        content=f"text {name}",
        chunk_id=name,
        embedding=vector or (1.0, 0.0),
        metadata=ChunkMetadata(extra=extra),
    )


@pytest.fixture
def store() -> Iterator[ChromaStore]:
    store = ChromaStore("notes")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("distance", "scores"),
    [("cosine", [1.0, 0.0, -1.0]), ("ip", [6.0, 0.0, -2.0]), ("l2", [-1.0, -(8**0.5), -3.0])],
)
def test_scores_of_each_distance(distance: Any, scores: list[float]) -> None:
    store = ChromaStore(distance_function=distance)
    store.add([chunk("along", 3.0, 0.0), chunk("across", 0.0, 2.0), chunk("against", -1.0, 0.0)])
    found = {r.chunk.chunk_id: r.score for r in store.search([2.0, 0.0])}
    assert [found[n] for n in ("along", "across", "against")] == pytest.approx(scores, abs=1e-5)
    store.close()


def test_a_replaced_chunk_leaves_nothing_of_the_old(store: ChromaStore) -> None:
    store.add([chunk("a", lang="en", year=1999, tags=["x"])])
    store.add([Chunk(content="new", chunk_id="a", embedding=[0.0, 1.0])])
    (found,) = store.search([0.0, 1.0])
    assert (found.chunk.content, dict(found.chunk.metadata.extra)) == ("new", {})
    for filters in ({"lang": "en"}, {"year": {"$gt": 0}}, {"tags": "x"}, {"year": 1999}):
        assert store.search([0.0, 1.0], 5, filters) == []
        assert len(store.search([0.0, 1.0], 5, {"$not": filters})) == 1


def test_two_stores_in_memory_are_two(store: ChromaStore) -> None:
    other = ChromaStore("notes")
    store.add([chunk("a")])
    assert other.count() == 0
    other.close()
    assert store.count() == 1


def test_vectors_come_with_searches_when_asked_for(store: ChromaStore) -> None:
    store.add([chunk("a", 0.0, 1.0)])
    assert store.search([0.0, 1.0])[0].chunk.embedding is None
    with_them = ChromaStore(return_vectors=True)
    with_them.add([chunk("a", 0.0, 1.0)])
    found = with_them.search([0.0, 1.0])[0].chunk.embedding
    assert found is not None
    assert list(found) == [0.0, 1.0]
    with_them.close()


def test_a_folder_is_found_again(tmp_path: Path) -> None:
    first = ChromaStore("é", path=tmp_path)
    first.add([chunk("a", 0.6, 0.8, day=1)])
    first.close()
    second = ChromaStore("é", path=str(tmp_path))
    assert second.search([0.6, 0.8])[0].chunk == chunk("a", 0.6, 0.8, day=1)
    with pytest.raises(DimensionMismatchError):
        second.search([1.0])
    other = ChromaStore("other", path=tmp_path)
    assert (other.count(), other.exists()) == (0, False)
    fixed = ChromaStore("é", path=tmp_path, dimension=3)
    with pytest.raises(DimensionMismatchError):
        fixed.search([1.0, 0.0, 0.0])
    dotted = ChromaStore("é", path=tmp_path, distance_function="ip")
    with pytest.raises(ConfigurationError, match="compares by cosine"):
        dotted.add([chunk("b")])
    for each in (second, other, fixed, dotted):
        each.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "x", "path": "y"}, {"headers": {"a": "b"}}, {"ssl": True}, {"batch_size": 0},
        {"batch_size": 5001}, {"timeout": 0}, {"dimension": 0}, {"collection": ""},
        {"distance_function": "hamming"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_opened(settings: Any) -> None:
    with pytest.raises(ConfigurationError):
        ChromaStore(**settings)


def test_secrets_are_shown_nowhere() -> None:
    store = ChromaStore(host="cloud.example", headers={"x-chroma-token": "ck-very-secret"})
    assert "very-secret" not in f"{store!r} {store._link.address!r} {store.__dict__}"
    assert "cloud.example" in repr(store)


def test_what_is_decided_here_comes_before_top_k(store: ChromaStore) -> None:
    near = [chunk(f"n{at}", 1.0, 0.001 * at, name=f"b{at}") for at in range(50)]
    store.add([*near, chunk("far", 0.0, 1.0, name="z")])
    found = store.search([1.0, 0.0], 2, {"name": {"$gt": "b999"}})
    assert [r.chunk.chunk_id for r in found] == ["far"]
    assert store.delete_where({"name": {"$gte": "b"}}) == 51
    assert store.count() == 0


def test_records_of_others_are_named(store: ChromaStore) -> None:
    store.add([chunk("a")])
    handle: Any = store._link._sync_client().get_collection(
        store._link.name, embedding_function=None
    )
    handle.add(ids=["x"], embeddings=[[1.0, 0.0]], metadatas=[{"a": 1}], documents=["x"])
    with pytest.raises(IndexCorruptError, match="collection of its own"):
        store.search([1.0, 0.0])


def test_a_dropped_collection_is_made_again(store: ChromaStore) -> None:
    store.add([chunk("a")])
    client: Any = store._link._sync_client()
    client.delete_collection(store._link.name)
    assert store.search([1.0, 0.0]) == []
    assert store.get(["a"]) == [None]
    assert list(store.scan()) == []
    assert store.delete_where({"a": 1}) == 0
    store.add([chunk("a")])
    client.delete_collection(store._link.name)
    store.add([chunk("b")])
    assert store.count() == 1


def test_every_method_says_when_it_is_closed(store: ChromaStore) -> None:
    store.close()
    uses: list[Any] = [
        lambda: store.get(["a"]), store.scan, lambda: store.delete_where({"a": 1}), store.exists,
        lambda: store.create(3), store.drop, lambda: store.search_batch([]), store.clear,
        lambda: store.add([]), lambda: store.delete([]), lambda: store.get([]),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()
    assert "closed" in repr(store)
