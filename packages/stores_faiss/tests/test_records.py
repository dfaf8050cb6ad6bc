"""Records give chunks back whole, share what chunks share, and lose nothing on the way to a file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import StoreError
from racto.stores.faiss.records import Records

EXTRA = {"tags": ["a", ("b", None)], "when": date(2026, 11, 30), "deep": {"n": 2**70}}


def chunks(count: int) -> list[Chunk]:
    return [
        Chunk(
            content=f"text {i}",
            chunk_id=f"c{i}",
            doc_id="d",
            metadata=ChunkMetadata(
                source="a.md", page=1 + i % 2, chunk_index=i, start_char=9 * i, extra=EXTRA
            ),
        )
        for i in range(count)
    ]


def rebuilt(records: Records) -> list[Chunk]:
    vector = np.zeros(2, dtype=np.float32)
    return [records.chunk(row, vector) for row in range(len(records))]


def test_chunks_come_back_whole() -> None:
    assert rebuilt(Records.of(chunks(5))) == chunks(5)


def test_neighbours_share_their_facts_over_parts() -> None:
    whole, records = Records.of(chunks(10)), Records()
    for at in (0, 4, 8):
        records.extend(whole.part(at, at + 4))
    assert rebuilt(records) == chunks(10)
    assert len(whole.facts) == 2
    # A page that a part did not end with is noted once more, and that is all.
    assert len(records.facts) <= 6


def test_kept_rows_keep_just_their_facts() -> None:
    kept = Records.of(chunks(6)).kept(np.array([1, 5]))
    assert rebuilt(kept) == [chunks(6)[1], chunks(6)[5]]
    assert len(kept.facts) == 1
    assert len(Records.of(chunks(2)).kept(np.array([], dtype=np.int64))) == 0


def test_nothing_changeable_is_shared() -> None:
    mine = {"tags": ["a"]}
    records = Records.of([Chunk(content="x", metadata=ChunkMetadata(extra=mine))])
    mine["tags"].append("b")
    first = rebuilt(records)[0]
    first.metadata.extra["tags"].append("c")
    assert rebuilt(records)[0].metadata.extra == {"tags": ["a"]}


def test_lines_are_plain_data() -> None:
    records = Records.of(chunks(3))
    lines = json.loads(json.dumps(list(records.lines())))
    assert rebuilt(Records.from_lines(records.facts, lines)) == chunks(3)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([["a", "x", 9, 0, 0, 0]], "no facts 9"),
        ([["a", "x", -1, 0, 0, 0]], "no facts -1"),
        ([["a", 1, 0, 0, 0, 0]], "no string"),
        ([["a", "x", 0, 0, 0]], "shorter"),
        ([["a", "x", 0, 0, 0, 0]] * 2, "twice"),
    ],
)
def test_lines_that_do_not_fit_are_refused(lines: list[list[object]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Records.from_lines(Records.of(chunks(1)).facts, lines)


def test_a_position_beyond_64_bits_is_refused_by_the_chunks_name() -> None:
    chunk = chunks(1)[0]
    wide = replace(chunk, metadata=replace(chunk.metadata, start_char=2**63))
    with pytest.raises(StoreError, match="'c0'"):
        Records.of([wide])
