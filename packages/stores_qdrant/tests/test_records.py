"""Records: chunks come back exactly."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    IndexCorruptError,
    StoreError,
)
from racto.stores.qdrant.records import chunk_of, point_id, point_of

EXTRA: dict[str, Any] = {
    "big": 10**40, "float": 0.1, "day": date(2026, 11, 30), "pair": (1, "two"), "nothing": None,
    "at": datetime(2026, 11, 30, tzinfo=UTC), "$tuple": "mine", "$$": {"$date": [1]}, "": 0,
    "half": "\ud800",
}  # fmt: skip


@pytest.mark.parametrize("text", ["plain", "日本語 👩‍👩‍👧", "a\x00b", "half \udc00", ""])
def test_chunks_come_back_as_they_were(text: str) -> None:
    chunk = Chunk(
        content=text,
        chunk_id=f"id {text}",
        doc_id="d",
        embedding=[1.0, 2.0],
        metadata=ChunkMetadata(
            source="a.md", page=3, chunk_index=1, total_chunks=4, start_char=5, end_char=9,
            doc_id="another", section="One > Two", extra=EXTRA,
        ),
    )  # fmt: skip
    point = point_of(chunk, 2)
    assert chunk_of(point.payload, [1.0, 2.0]) == chunk
    assert point.vector == [1.0, 2.0]
    # All but marked strings travel as UTF-8.
    str(point.payload).encode()


def test_ids_are_uuids_that_follow_from_the_chunks() -> None:
    assert uuid.UUID(point_id("a")).version == 5
    assert point_id("a") == point_id("a") != point_id("b")
    assert point_id("\ud800") != point_id("\ud801")


def test_metadata_that_cannot_be_kept_is_refused_by_name() -> None:
    for value in (object(), {1: 2}, 10**5000):
        chunk = Chunk(
            content="", chunk_id="c9", embedding=[1.0], metadata=ChunkMetadata(extra={"k": value})
        )
        with pytest.raises(StoreError, match="'c9'"):
            point_of(chunk, 1)


@pytest.mark.parametrize(
    "payload", [None, {}, {"record": 1}, {"record": "["}, {"record": "[99]"}, {"record": "{}"}]
)
def test_points_of_others_are_refused(payload: Any) -> None:
    with pytest.raises(IndexCorruptError):
        chunk_of(payload, None)
