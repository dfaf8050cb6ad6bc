"""What QdrantStore promises beyond the contract: places, scores, secrets, two stores at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    IndexCorruptError,
    IndexLockedError,
    StoreClosedError,
)
from racto.core.retries import NO_RETRIES
from racto.stores.qdrant import QdrantStore


def chunk(name: str, /, *vector: float, **extra: Any) -> Chunk:
    return Chunk(
        content=f"text {name}",
        chunk_id=name,
        embedding=vector or (1.0, 0.0),
        metadata=ChunkMetadata(extra=extra),
    )


def ids(store: QdrantStore, *query: float, **options: Any) -> list[str]:
    return [found.chunk.chunk_id for found in store.search(query or (1.0, 0.0), **options)]


@pytest.mark.parametrize(
    ("distance", "scores"),
    [
        ("cosine", [1.0, 0.0, -1.0]), ("dot", [6.0, 0.0, -2.0]),
        ("euclid", [-1.0, -8**0.5, -3.0]), ("manhattan", [-1.0, -4.0, -3.0]),
    ],
)  # fmt: skip
def test_scores_of_each_distance(distance: Any, scores: list[float]) -> None:
    store = QdrantStore(distance=distance)
    store.add([chunk("along", 3.0, 0.0), chunk("across", 0.0, 2.0), chunk("against", -1.0, 0.0)])
    found = {r.chunk.chunk_id: r.score for r in store.search([2.0, 0.0])}
    assert [found[n] for n in ("along", "across", "against")] == pytest.approx(scores, abs=1e-6)


def test_a_vector_without_direction_scores_zero() -> None:
    store = QdrantStore()
    store.add([chunk("nowhere", 0.0, 0.0)])
    assert store.search([1.0, 0.0])[0].score == 0.0


def test_vectors_come_with_searches_when_asked_for() -> None:
    for wanted in (False, True):
        store = QdrantStore(return_vectors=wanted, keywords=True)
        store.add([chunk("a", 0.0, 1.0)])
        found = store.search([0.0, 1.0])[0].chunk.embedding
        assert found == ([0.0, 1.0] if wanted else None)
        (held,) = store.get(["a"])
        assert held is not None
        assert held.embedding == [0.0, 1.0]


# The client leaves its lock file to the collector when it may not have it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_folder_belongs_to_one_store_at_a_time(tmp_path: Path) -> None:
    first = QdrantStore(path=tmp_path)
    first.add([chunk("a")])
    second = QdrantStore(path=str(tmp_path), retry=NO_RETRIES)
    with pytest.raises(IndexLockedError, match="open elsewhere"):
        second.count()
    first.close()
    assert second.count() == 1
    second.close()


def test_a_folder_is_found_again(tmp_path: Path) -> None:
    first = QdrantStore(path=tmp_path)
    first.add([chunk("a", 0.6, 0.8, day=1)])
    first.close()
    second = QdrantStore(path=tmp_path)
    assert second.search([0.6, 0.8])[0].chunk == chunk("a", 0.6, 0.8, day=1)
    with pytest.raises(DimensionMismatchError):
        second.search([1.0])
    second.close()
    fixed = QdrantStore(path=tmp_path, dimension=3)
    with pytest.raises(DimensionMismatchError, match="2"):
        fixed.search([1.0, 0.0, 0.0])
    fixed.close()
    other = QdrantStore("other", path=tmp_path)
    assert other.count() == 0
    assert not other.exists()
    other.close()
    dotted = QdrantStore(path=tmp_path, distance="dot")
    with pytest.raises(ConfigurationError, match="compares by cosine"):
        dotted.add([chunk("b")])
    dotted.close()


def test_wrong_queries_are_refused_before_there_is_a_collection() -> None:
    with pytest.raises(DimensionMismatchError):
        QdrantStore(dimension=3).search([1.0])
    assert QdrantStore().search([1.0]) == []


def test_create_keeps_to_the_given_dimension() -> None:
    store = QdrantStore(dimension=3)
    with pytest.raises(DimensionMismatchError):
        store.create(4)
    assert not store.exists()
    with pytest.raises(DimensionMismatchError):
        store.add([chunk("a", 1.0, 0.0)])


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://x", "path": "y"}, {"api_key": "k"}, {"grpc": True}, {"batch_size": 0},
        {"timeout": 0}, {"dimension": 0}, {"collection": "a/b"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_opened(settings: Any) -> None:
    with pytest.raises(ConfigurationError):
        QdrantStore(**settings)


def test_secrets_are_shown_nowhere() -> None:
    store = QdrantStore(url="https://user:hunter2@cloud.example:6333", api_key="sk-very-secret")
    shown = f"{store!r} {store.__dict__} {store._link.address!s}"
    assert "very-secret" not in shown
    assert "hunter2" not in repr(store)
    assert "cloud.example" in repr(store)


def test_what_is_decided_here_comes_before_top_k() -> None:
    store = QdrantStore()
    near = [chunk(f"n{at}", 1.0, 0.001 * at, name=f"b{at}") for at in range(50)]
    store.add([*near, chunk("far", 0.0, 1.0, name="z")])
    # Qdrant has no order of strings, so the store asks for more until it has enough.
    assert ids(store, top_k=2, filters={"name": {"$gt": "b999"}}) == ["far"]
    assert store.delete_where({"name": {"$gte": "b"}}) == 51
    assert store.count() == 0


def test_points_of_others_are_named() -> None:
    from qdrant_client import models

    store = QdrantStore()
    store.add([chunk("a")])
    client: Any = store._link._client
    client.upsert("ractogateway", [models.PointStruct(id=1, vector=[1.0, 0.0], payload={})])
    with pytest.raises(IndexCorruptError, match="collection of its own"):
        store.search([1.0, 0.0])


def test_a_dropped_collection_is_made_again() -> None:
    store = QdrantStore()
    store.add([chunk("a")])
    client: Any = store._link._client
    client.delete_collection("ractogateway")
    assert store.search([1.0, 0.0]) == []
    assert store.get(["a"]) == [None]
    assert list(store.scan()) == []
    assert store.delete_where({"a": 1}) == 0
    store.add([chunk("a")])
    client.delete_collection("ractogateway")
    store.add([chunk("b")])
    assert ids(store) == ["b"]


def test_every_method_says_when_it_is_closed() -> None:
    store = QdrantStore(keywords=True)
    store.close()
    uses: list[Any] = [
        lambda: store.get(["a"]), store.scan, lambda: store.delete_where({"a": 1}), store.exists,
        lambda: store.create(3), store.drop, lambda: store.search_batch([]), store.clear,
        lambda: store.add([]), lambda: store.delete([]), lambda: store.get([]),
        lambda: store.search_hybrid("a", [1.0]),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()
    assert "closed" in repr(store)


async def test_both_voices_see_the_same_and_wait_in_a_thread() -> None:
    store = QdrantStore()
    await store.aadd([chunk(f"c{at}", 1.0, at / 10) for at in range(10)])
    found = await asyncio.gather(*(store.asearch([1.0, 0.0], 3) for _ in range(5)))
    assert [r.chunk.chunk_id for r in found[0]] == ids(store, top_k=3)
    assert sum([len(page) async for page in store.ascan(3)]) == 10
    await store.aclose()
    with pytest.raises(StoreClosedError):
        await store.acount()
