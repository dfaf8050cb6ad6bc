"""What FAISSStore promises beyond the contract: true cosines, cheap removal, saved files, safety."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Thread
from time import perf_counter

import numpy as np
import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    InvalidEmbeddingError,
    PartialWriteError,
    StoreClosedError,
    StoreError,
)
from racto.stores.faiss import FAISSStore
from racto.stores.faiss.contents import Contents
from racto.stores.faiss.records import Records


def chunk(name: str, *vector: float) -> Chunk:
    return Chunk(content=name, chunk_id=name, embedding=vector)


def many(count: int, width: int = 16, first: int = 0) -> list[Chunk]:
    rows = np.random.default_rng(first).standard_normal((count, width)).astype(np.float32)
    return [
        Chunk(
            content=f"text {number}",
            chunk_id=f"c{number}",
            embedding=row,
            metadata=ChunkMetadata(chunk_index=number, extra={"tenth": number % 10}),
        )
        for number, row in enumerate(rows, start=first)
    ]


def test_scores_of_ip_are_cosines_at_any_length() -> None:
    store = FAISSStore()
    store.add([chunk("along", 3.0, 0.0), chunk("across", 0.0, 9.0), chunk("against", -1.0, 0.0)])
    found = store.search([5.0, 0.0])
    assert [result.chunk.content for result in found] == ["along", "across", "against"]
    assert [result.score for result in found] == pytest.approx([1.0, 0.0, -1.0])
    # The reference ranks "across" first here: its product is the greatest.
    assert store.search([5.0, 1.0])[0].chunk.content == "along"


def test_scores_of_dot_and_l2_rise_with_nearness() -> None:
    for index_type, scores in (("flat_dot", [6.0, 2.0]), ("flat_l2", [0.0, -2.0])):
        store = FAISSStore(2, index_type)
        store.add([chunk("one", 1.0, 0.0), chunk("three", 3.0, 0.0)])
        query = [2.0, 0.0] if index_type == "flat_dot" else [3.0, 0.0]
        assert [result.score for result in store.search(query)] == scores


def test_equal_scores_come_in_the_order_of_addition() -> None:
    store = FAISSStore()
    store.add([chunk(name, 1.0, 1.0) for name in "bac"])
    assert [result.chunk.chunk_id for result in store.search([2.0, 2.0])] == ["b", "a", "c"]


def test_a_vector_without_direction_scores_zero() -> None:
    store = FAISSStore(dimension=2)
    store.add([chunk("nowhere", 0.0, 0.0)])
    assert store.search([1.0, 0.0])[0].score == 0.0


def test_nan_is_refused_and_stores_nothing() -> None:
    store = FAISSStore()
    with pytest.raises(InvalidEmbeddingError, match="'bad'"):
        store.add([chunk("good", 1.0, 0.0), chunk("bad", float("nan"), 0.0)])
    assert store.count() == 0
    assert not store.exists()


def test_a_dimension_that_was_given_outlives_drop() -> None:
    store = FAISSStore(dimension=2)
    store.drop()
    with pytest.raises(DimensionMismatchError):
        store.add([chunk("wide", 1.0, 2.0, 3.0)])
    with pytest.raises(DimensionMismatchError):
        store.create(3)
    with pytest.raises(ConfigurationError):
        FAISSStore(dimension=0)


@pytest.mark.parametrize("index_type", ["flat_ip", "hnsw_l2", "ivf_ip"])
def test_removal_of_most_gives_their_room_back(index_type: str) -> None:
    store = FAISSStore(16, index_type, nlist=20, nprobe=20)
    chunks = many(3000)
    store.add(chunks)
    store.delete([f"c{number}" for number in range(2500)])
    contents = store._open()
    assert (contents.size, contents.removed) == (500, 0)
    assert contents.index is not None
    assert contents.index.size == 500
    last = chunks[2999].embedding
    assert store.search(last, 1)[0].chunk.chunk_id == "c2999"
    assert [c and c.chunk_id for c in store.get(["c2499", "c2500"])] == [None, "c2500"]


def test_removing_one_takes_no_time_worth_noting() -> None:
    store = FAISSStore()
    store.add(many(20_000, width=64))
    times = []
    for number in range(20):
        start = perf_counter()
        store.delete([f"c{number}"])
        times.append(perf_counter() - start)
    # The asked millisecond at 100,000 is measured in benchmarks; this notices a rebuilt index.
    assert min(times) < 1e-3


@pytest.mark.parametrize("index_type", ["flat_ip", "hnsw_ip", "ivf_ip"])
def test_a_narrow_filter_finds_all_there_is(index_type: str) -> None:
    store = FAISSStore(16, index_type, nlist=20, nprobe=1)
    store.add(many(3000))
    found = store.search([1.0] * 16, 7, {"chunk_index": {"$in": [3, 1500, 2999]}})
    assert sorted(result.chunk.chunk_id for result in found) == ["c1500", "c2999", "c3"]
    assert len(store.search([1.0] * 16, 500, {"tenth": 3})) == 300
    assert store.delete_where({"tenth": 3}) == 300
    assert store.search([1.0] * 16, 5, {"tenth": 3}) == []


def test_a_batch_scores_as_single_searches_do() -> None:
    store = FAISSStore()
    store.add(many(2000, width=48))
    queries = np.random.default_rng(9).standard_normal((40, 48)).astype(np.float32)
    batch = store.search_batch(queries, 5)
    assert batch == [store.search(query, 5) for query in queries]


def test_a_call_that_fails_half_way_names_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    put, calls = Contents.put, iter(range(9))

    def weak(self: Contents, records: Records, *given: np.ndarray) -> None:
        if next(calls) == 1:
            raise StoreError("add 512 vectors: there is not enough memory")
        put(self, records, *given)

    monkeypatch.setattr(Contents, "put", weak)
    store, chunks = FAISSStore(), many(1200)
    with pytest.raises(PartialWriteError, match="512 of 1200") as caught:
        store.add(chunks)
    assert caught.value.stored == tuple(f"c{number}" for number in range(512))
    assert len(caught.value.failed) == 688
    assert store.count() == 512
    store.add(chunks)
    assert store.count() == 1200


def test_a_scan_outlives_changes() -> None:
    store = FAISSStore()
    store.add(many(10))
    pages = store.scan(4)
    assert len(next(pages)) == 4
    store.delete(["c4", "c5", "c6", "c7"])
    store.add(many(3, first=100))
    assert [[c.chunk_id for c in page] for page in pages] == [["c8", "c9"]]


def test_readers_and_writers_share_the_store() -> None:
    store = FAISSStore(16, "hnsw_ip")
    store.add(many(200))
    failures: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for turn in range(20):
                store.add(many(30, first=first + 30 * turn))
                store.search([1.0] * 16, 5, {"tenth": turn % 10})
                store.delete([f"c{first + 30 * turn + i}" for i in range(0, 30, 2)])
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=work, args=(1000 * number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.count() == 200 + 4 * 20 * 15


def test_every_use_after_close_says_so(tmp_path: Path) -> None:
    store = FAISSStore()
    store.close()
    uses = [
        lambda: store.get(["a"]), lambda: store.scan(), store.exists, lambda: store.create(2),
        store.drop, lambda: store.save(tmp_path / "x"), lambda: store.load(tmp_path / "x"),
        lambda: store.delete_where({"a": 1}), lambda: store.search_batch([]),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()
    assert repr(store) == "FAISSStore('flat_ip', closed)"


@pytest.fixture(params=["flat_ip", "hnsw_l2", "ivf_dot"])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[FAISSStore, Path]:
    store = FAISSStore(16, request.param, nlist=10, nprobe=10)
    store.add(many(600))
    store.delete(["c5"])
    store.save(tmp_path / "chunks.racto")
    return store, tmp_path / "chunks.racto"


def test_a_saved_store_answers_as_before(saved: tuple[FAISSStore, Path]) -> None:
    store, path = saved
    other = FAISSStore(16, store.kind.name, nlist=10, nprobe=10)
    asyncio.run(other.aload(path))
    assert other.count() == 599
    queries = np.random.default_rng(3).standard_normal((5, 16))
    assert other.search_batch(queries, 9) == store.search_batch(queries, 9)
    other.add(many(5, first=9000))
    added = other.get(["c9002"])[0]
    assert added is not None
    assert added.content == "text 9002"
    assert b'text 5"' not in path.read_bytes()


def test_a_store_loads_only_its_own_kind(saved: tuple[FAISSStore, Path]) -> None:
    _, path = saved
    other = FAISSStore(16, "hnsw_dot")
    other.add(many(1))
    with pytest.raises(ConfigurationError):
        other.load(path)
    with pytest.raises(FileNotFoundError):
        other.load(path.with_name("nowhere"))
    assert other.count() == 1
