"""What the store does beyond the contract: snapshots, memory, dimensions, state."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from racto.core import Chunk, ChunkMetadata
from racto.core.discovery import create
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    InvalidEmbeddingError,
    StoreClosedError,
    StoreError,
)
from racto.core.protocols.stores import (
    BatchSearch,
    ChunkLookup,
    ChunkScan,
    Collection,
    FilterDelete,
    VectorStore,
)
from racto.stores.memory import InMemoryVectorStore


def chunk(number: int, vector: Any = None, **extra: Any) -> Chunk:
    embedding = [float(number), 1.0, 0.0] if vector is None else vector
    return Chunk(
        content=f"text {number}",
        chunk_id=str(number),
        embedding=embedding,
        metadata=ChunkMetadata(chunk_index=number, extra=extra),
    )


def ids(store: InMemoryVectorStore) -> list[str]:
    return [item.chunk_id for page in store.scan() for item in page]


def test_keeps_the_protocol_and_every_power() -> None:
    store = InMemoryVectorStore()
    for protocol in (VectorStore, BatchSearch, FilterDelete, ChunkLookup, ChunkScan, Collection):
        assert isinstance(store, protocol)


def test_is_found_by_name() -> None:
    store = create("racto.vector_stores", "memory", similarity="dot")
    assert isinstance(store, InMemoryVectorStore)
    assert store.similarity == "dot"


@pytest.mark.parametrize("dimension", [0, -3])
def test_a_dimension_below_one_is_refused(dimension: int) -> None:
    with pytest.raises(ConfigurationError, match="dimension"):
        InMemoryVectorStore(dimension=dimension)
    with pytest.raises(ConfigurationError, match="dimension"):
        InMemoryVectorStore().create(dimension)


def test_a_given_dimension_outlives_clear_and_drop() -> None:
    store = InMemoryVectorStore(dimension=3)
    assert store.exists()
    with pytest.raises(DimensionMismatchError):
        store.add([chunk(1, [1.0])])
    store.add([chunk(1)])
    store.clear()
    assert store.dimension == 3
    store.drop()
    assert not store.exists()
    with pytest.raises(DimensionMismatchError):
        store.create(4)


def test_a_learned_dimension_is_forgotten_by_drop_only() -> None:
    store = InMemoryVectorStore()
    assert store.dimension is None
    store.add([chunk(1)])
    store.clear()
    with pytest.raises(DimensionMismatchError):
        store.add([chunk(1, [1.0])])
    store.drop()
    store.add([chunk(1, [1.0])])
    assert store.dimension == 1


def test_invalid_vectors_store_nothing_and_leave_the_store_usable() -> None:
    store = InMemoryVectorStore()
    store.add([chunk(1)])
    wrong = [chunk(at) for at in range(2, 700)] + [chunk(700, [float("nan"), 0.0, 0.0])]
    with pytest.raises(InvalidEmbeddingError, match="'700'"):
        store.add(wrong)
    far = ChunkMetadata(start_char=2**64)
    with pytest.raises(StoreError, match="start_char"):
        store.add([chunk(2), Chunk(content="", embedding=[1.0, 2.0, 3.0], metadata=far)])
    assert (store.count(), ids(store)) == (1, ["1"])
    store.add([chunk(3)])
    assert [item and item.content for item in store.get(["1", "2", "3"])] == [
        "text 1",
        None,
        "text 3",
    ]


def test_get_gives_the_vector_back_bit_by_bit() -> None:
    store = InMemoryVectorStore()
    vector = np.random.default_rng(0).standard_normal(5).astype(np.float32) * 1000
    store.add([chunk(1, vector)])
    (found,) = store.get(["1"])
    assert found is not None
    assert np.array_equal(np.asarray(found.embedding), vector)


def test_zero_vectors_are_kept_and_score_zero() -> None:
    store = InMemoryVectorStore()
    store.add([chunk(1, [0.0, 0.0]), chunk(2, [1.0, 0.0])])
    assert [(r.chunk.chunk_id, r.score) for r in store.search([1.0, 0.0])] == [("2", 1.0), ("1", 0)]
    assert [r.score for r in store.search([0.0, 0.0])] == [0.0, 0.0]


def test_memory_of_deleted_chunks_is_given_back() -> None:
    store = InMemoryVectorStore()
    store.add([chunk(at, even=at % 2 == 0) for at in range(4000)])
    assert store.delete_where({"even": True}) == 2000
    state: Any = store._current
    assert (state.matrix.size, len(state.records)) == (2000, 2000)
    assert ids(store) == [str(at) for at in range(1, 4000, 2)]
    (found,) = store.get(["3999"])
    assert found is not None
    assert found.metadata.chunk_index == 3999
    store.add([chunk(0)])
    assert ids(store)[-1] == "0"


def test_a_scan_sees_the_chunks_of_its_beginning() -> None:
    store = InMemoryVectorStore()
    store.add([chunk(at) for at in range(3000)])
    pages = store.scan(1000)
    first = next(pages)
    store.delete([str(at) for at in range(2500)])
    store.add([chunk(9999)])
    rest = [item.chunk_id for page in pages for item in page]
    assert [item.chunk_id for item in first] + rest == [str(at) for at in range(3000)]
    with pytest.raises(ConfigurationError, match="page_size"):
        store.scan(0)


def test_readers_see_a_replaced_chunk_always_once() -> None:
    store = InMemoryVectorStore()
    store.add([chunk(at) for at in range(50)])
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            found = store.search([1.0, 1.0, 0.0], 100)
            if len({r.chunk.chunk_id for r in found}) != 50 or None in store.get(["7", "8"]):
                wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(60):
        store.add([chunk(at) for at in range(50)])
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert store.count() == 50


async def test_twins_do_not_block_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    store = InMemoryVectorStore()
    held = threading.Event()
    store.add([chunk(1)])
    monkeypatch.setattr(store, "search", lambda *_args, **_kwargs: held.wait(10))
    search = asyncio.ensure_future(store.asearch([1.0, 0.0, 0.0]))
    await asyncio.sleep(0.01)
    assert await store.acount() == 1
    held.set()
    assert await search


def test_the_whole_store_says_when_it_is_closed(tmp_path: Any) -> None:
    store = InMemoryVectorStore()
    store.close()
    uses: list[Any] = [
        lambda: store.get(["a"]),
        store.scan,
        lambda: store.delete_where({"a": 1}),
        store.exists,
        lambda: store.create(3),
        store.drop,
        lambda: store.dimension,
        lambda: store.save(tmp_path / "x"),
        lambda: store.load(tmp_path / "x"),
        lambda: store.search_batch([]),
        lambda: store.add([]),
        lambda: store.delete([]),
    ]
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()
    assert "closed" in repr(store)


def test_repr_says_how_many() -> None:
    store = InMemoryVectorStore("euclidean")
    store.add([chunk(1)])
    assert repr(store) == "InMemoryVectorStore('euclidean', 1 chunks)"


NUMBERS = st.integers(0, 40)


class AgainstADictionary(RuleBasedStateMachine):
    """Any sequence of writes leaves what the same writes leave in a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.store = InMemoryVectorStore()
        self.model: dict[str, Chunk] = {}

    @rule(numbers=st.lists(NUMBERS, max_size=12), version=st.integers(0, 3))
    def add(self, numbers: list[int], version: int) -> None:
        added = [chunk(number, version=version) for number in numbers]
        self.store.add(added)
        self.model |= {item.chunk_id: item for item in added}

    @rule(numbers=st.lists(NUMBERS, max_size=12))
    def delete(self, numbers: list[int]) -> None:
        self.store.delete([str(number) for number in numbers])
        for number in numbers:
            self.model.pop(str(number), None)

    @rule(version=st.integers(0, 3))
    def delete_where(self, version: int) -> None:
        gone = [
            key for key, item in self.model.items() if item.metadata.extra["version"] == version
        ]
        assert self.store.delete_where({"version": version}) == len(gone)
        for key in gone:
            del self.model[key]

    @rule()
    def compact(self) -> None:
        state: Any = self.store._current
        if state.matrix is not None:
            from racto.stores.memory import store as room

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(room, "_FEWEST_REMOVED", 1)
                self.store.delete([])

    @rule()
    def clear(self) -> None:
        self.store.clear()
        self.model.clear()

    @invariant()
    def same(self) -> None:
        assert self.store.count() == len(self.model)
        assert {item.chunk_id: item for page in self.store.scan(7) for item in page} == self.model
        keys = [str(number) for number in range(41)]
        assert self.store.get(keys) == [self.model.get(key) for key in keys]
        found = self.store.search([1.0, 1.0, 1.0], 50)
        assert {item.chunk.chunk_id for item in found} == set(self.model)


TestAgainstADictionary = AgainstADictionary.TestCase
TestAgainstADictionary.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
