"""Batches keep to their limits in chunks and in bytes."""

from __future__ import annotations

from racto.core.documents import Chunk
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
