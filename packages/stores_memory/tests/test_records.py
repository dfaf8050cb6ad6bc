"""Chunks come back from the columns as they went in, and share what they have in common."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import StoreError
from racto.stores.memory.records import Records, copied

VECTOR = np.zeros(2, dtype=np.float32)
CHUNKS = st.builds(
    Chunk,
    content=st.text(max_size=20),
    chunk_id=st.text(max_size=8),
    doc_id=st.sampled_from(["a", "b"]),
    metadata=st.builds(
        ChunkMetadata,
        source=st.sampled_from(["x.md", "y.md"]),
        page=st.sampled_from([None, 1, 2]),
        chunk_index=st.integers(0, 2**31),
        total_chunks=st.integers(1, 3),
        start_char=st.integers(0, 2**62),
        end_char=st.integers(0, 2**62),
        doc_id=st.sampled_from(["a", ""]),
        section=st.sampled_from([None, "One > Two"]),
        extra=st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=2),
    ),
)


def chunk(chunk_id: str = "c", **fields: Any) -> Chunk:
    return Chunk(content="text", chunk_id=chunk_id, metadata=ChunkMetadata(**fields))


@given(st.lists(CHUNKS, max_size=8), st.integers(0, 8), st.data())
def test_chunks_come_back(chunks: list[Chunk], split: int, data: st.DataObject) -> None:
    records = Records.of(chunks[:split])
    records.put(Records.of(chunks[split:]), len(records))
    assert [records.chunk(row, VECTOR) for row in range(len(records))] == chunks
    rows = data.draw(st.lists(st.integers(0, len(chunks) - 1), unique=True)) if chunks else []
    kept = records.kept(np.array(rows, dtype=np.intp))
    assert [kept.chunk(row, VECTOR) for row in range(len(kept))] == [chunks[row] for row in rows]
    again = Records.from_lines(records.origins, records.lines())
    assert [again.chunk(row, VECTOR) for row in range(len(again))] == chunks


def test_neighbours_share_one_origin() -> None:
    extra = {"lang": "en"}
    records = Records.of([chunk(str(at), chunk_index=at, extra=extra) for at in range(100)])
    assert len(records.origins) == 1
    records.put(Records.of([chunk("other", page=2, extra=extra)]), 100)
    assert len(records.origins) == 2
    assert len(records.kept(np.arange(100)).origins) == 1


def test_rows_of_an_interrupted_writer_are_dropped() -> None:
    records = Records.of([chunk("a"), chunk("left over")])
    records.put(Records.of([chunk("b", start_char=5)]), 1)
    assert records.ids == ["a", "b"]
    assert records.chunk(1, VECTOR) == chunk("b", start_char=5)


@pytest.mark.parametrize("position", [2**63, "7", None, 1.5])
def test_positions_must_be_integers(position: Any) -> None:
    with pytest.raises(StoreError, match=r"chunk 'c': metadata\.end_char must be an integer"):
        Records.of([chunk(end_char=position)])


@pytest.mark.parametrize(
    "line",
    [[1, "t", 0, 0, 0, 0], ["i", None, 0, 0, 0, 0], ["i", "t", 1, 0, 0, 0], ["i", "t", 0, 0]],
)
def test_lines_that_are_no_records_are_refused(line: list[Any]) -> None:
    origins = Records.of([chunk()]).origins
    with pytest.raises(ValueError, match=r"."):
        Records.from_lines(origins, [line])


def test_copies_share_nothing_that_can_change() -> None:
    value = {"list": [1, {"deep": [2]}], "tuple": (1, [2]), "date": date(2024, 1, 2), "set": {1}}
    copy = copied(value)
    assert copy == value
    copy["list"][1]["deep"].append(3)
    copy["tuple"][1].append(3)
    copy["set"].add(2)
    assert value["list"] == [1, {"deep": [2]}]
    assert (value["tuple"], value["set"]) == ((1, [2]), {1})
