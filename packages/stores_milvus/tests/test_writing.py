"""Batches keep to their limits in chunks and in bytes, and large loads leave the loop alone."""

from __future__ import annotations

import asyncio
import threading

import pytest

from racto.core.documents import Chunk
from racto.stores.milvus import writing
from racto.stores.milvus.records import bytes_of, row_of
from racto.stores.milvus.settings import MilvusSettings
from racto.stores.milvus.writing import batches

ROWS = [row_of(Chunk(content="x" * 1000, chunk_id=str(i)), [0.0] * 8) for i in range(7)]


def sizes(**limits: int) -> list[int]:
    settings = MilvusSettings(collection="c", uri="http://localhost:1", **limits)  # type: ignore[arg-type]
    found = list(batches(ROWS, settings))
    assert [row for batch in found for row in batch] == ROWS
    return [len(batch) for batch in found]


def test_batches_keep_to_both_limits() -> None:
    assert sizes(batch_size=3) == [3, 3, 1]
    assert sizes(batch_bytes=2 * bytes_of(ROWS[0])) == [2, 2, 2, 1]
    # A row that is longer than a batch goes alone.
    assert sizes(batch_bytes=1) == [1] * 7
    settings = MilvusSettings(collection="c", uri="http://localhost:1")
    assert list(batches([], settings)) == []


@pytest.mark.parametrize(("count", "is_beside"), [(499, False), (500, True)])
def test_a_large_load_does_not_hold_the_loop_up(
    monkeypatch: pytest.MonkeyPatch, count: int, is_beside: bool
) -> None:
    where: set[int] = set()

    def noted(*given: object) -> object:
        where.add(threading.get_ident())
        return row_of(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "row_of", noted)
    chunks = [Chunk(content="x", chunk_id=str(n), embedding=[1.0, n]) for n in range(count)]
    assert len(asyncio.run(writing._arows(chunks, 2))) == count
    assert len(where) == 1
    assert (where != {threading.get_ident()}) is is_beside
