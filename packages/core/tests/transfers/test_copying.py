"""A copy loses nothing, goes on where it ended, and says what came back changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError, StoreError
from racto.core.flows import threaded
from racto.core.protocols import VectorStore
from racto.core.testing import DictStore
from racto.core.transfers import CopyProgress, CopyReport, acopy_store, copy_store


def chunks(count: int) -> list[Chunk]:
    return [
        Chunk(
            content=f"text {number}",
            chunk_id=f"c{number}",
            embedding=[1.0, float(number)],
            metadata=ChunkMetadata(source="s", extra={"even": number % 2 == 0}),
        )
        for number in range(count)
    ]


@pytest.fixture
def source() -> DictStore:
    store = DictStore()
    store.add(chunks(25))
    return store


def held(store: DictStore) -> dict[str, Chunk]:
    return {chunk.chunk_id: chunk for page in store.scan() for chunk in page}


def copied(source: DictStore, target: VectorStore, voice: str, **options: Any) -> CopyReport:
    if voice == "sync":
        return copy_store(source, target, **options)
    return asyncio.run(acopy_store(source, target, **options))


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_everything_arrives(source: DictStore, voice: str) -> None:
    target, told = DictStore(), list[CopyProgress]()
    report = copied(source, target, voice, page_size=10, progress=told.append)
    assert held(target) == held(source)
    assert all(
        list(chunk.embedding or ()) == list(held(source)[key].embedding or ())
        for key, chunk in held(target).items()
    )
    assert report.is_complete
    assert (report.copied, report.skipped, report.verified) == (25, 0, 25)
    assert (report.source_count, report.target_count) == (25, 25)
    assert [(step.phase, step.done, step.total) for step in told] == [
        ("copy", 10, 25), ("copy", 20, 25), ("copy", 25, 25),
        ("verify", 10, 25), ("verify", 20, 25), ("verify", 25, 25),
    ]  # fmt: skip


class Failing(DictStore):
    """Refuses to write after some pages."""

    pages = 1

    def add(self, chunks: Sequence[Chunk]) -> None:
        if self.pages == 0:
            raise StoreError("the server went away")
        self.pages -= 1
        super().add(chunks)

    aadd = threaded(add)


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_second_run_goes_on(source: DictStore, voice: str) -> None:
    target = Failing()
    with pytest.raises(StoreError, match="went away"):
        copied(source, target, voice, page_size=10)
    assert target.count() == 10
    target.pages = 99
    report = copied(source, target, voice, page_size=10)
    assert (report.copied, report.skipped) == (15, 10)
    assert held(target) == held(source)


def test_what_is_there_but_another_is_replaced(source: DictStore) -> None:
    target = DictStore()
    first, second, *_ = chunks(3)
    target.add([first.with_content("older"), second.with_embedding([-1.0, 0.0])])
    report = copy_store(source, target)
    assert (report.copied, report.skipped) == (25, 0)
    assert held(target) == held(source)


def test_a_filter_copies_a_part(source: DictStore) -> None:
    target = DictStore()
    report = copy_store(source, target, filters={"even": True})
    assert (report.copied, report.source_count) == (13, 13)
    assert all(chunk.metadata.extra["even"] for chunk in held(target).values())


class Lossy(DictStore):
    """Forgets metadata, as some engines do."""

    def add(self, chunks: Sequence[Chunk]) -> None:
        super().add([replace(chunk, metadata=ChunkMetadata()) for chunk in chunks])

    aadd = threaded(add)


def test_what_came_back_changed_is_named(source: DictStore) -> None:
    report = copy_store(source, Lossy())
    assert not report.is_complete
    assert set(report.differing) == {f"c{number}" for number in range(25)}


class Blind:
    """A store that keeps the contract and has no optional power."""

    def __init__(self, *, loses: int = 0) -> None:
        self._store = DictStore()
        self._loses = loses

    def add(self, chunks: Sequence[Chunk]) -> None:
        self._store.add(chunks[: len(chunks) - self._loses])

    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> Any:
        return self._store.search(embedding, top_k, filters)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        self._store.delete(chunk_ids)

    def clear(self) -> None:
        self._store.clear()

    def count(self) -> int:
        return self._store.count()

    def close(self) -> None:
        self._store.close()

    aadd, asearch, adelete = threaded(add), threaded(search), threaded(delete)
    aclear, acount, aclose = threaded(clear), threaded(count), threaded(close)


def test_without_lookups_the_counts_are_compared(source: DictStore) -> None:
    assert copy_store(source, Blind()).is_complete
    report = copy_store(source, Blind(loses=1))
    assert not report.is_complete
    assert report.verified == 0


def test_a_scan_that_is_left_is_closed(source: DictStore) -> None:
    closed: list[bool] = []

    class Watched(DictStore):
        def scan(
            self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
        ) -> Iterator[list[Chunk]]:
            try:
                yield from source.scan(page_size, filters)
            finally:
                closed.append(True)

    target = Failing()
    with pytest.raises(StoreError):
        copy_store(Watched(), target, page_size=5)
    assert closed == [True]


def test_mistakes_are_told(source: DictStore) -> None:
    with pytest.raises(ConfigurationError, match="same store"):
        copy_store(source, source)
    with pytest.raises(ConfigurationError, match="page_size"):
        copy_store(source, DictStore(), page_size=0)
