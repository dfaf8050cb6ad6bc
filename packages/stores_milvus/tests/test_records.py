"""Rows give chunks back whole, within what Milvus takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import StoreError
from racto.stores.milvus import records
from racto.stores.milvus.records import PIECE_BYTES, bytes_of, chunk_of, is_long, key_of, row_of

CHUNK = Chunk(
    content="Größe \x00 日本\n",
    chunk_id="a/b'\"",
    doc_id="d",
    metadata=ChunkMetadata(
        source="ü.md", page=None, chunk_index=3, section="One > Two",
        extra={"when": date(2026, 11, 30), "deep": [{"a": (1, None)}], "big": 2**80},
    ),
)  # fmt: skip


@pytest.mark.parametrize("content", [CHUNK.content, "", "x" * 70_000, "日" * 40_000, "a\ud800"])
def test_chunks_come_back_whole(content: str) -> None:
    chunk = replace(CHUNK, content=content)
    row = row_of(chunk, [1.0, 2.0])
    assert all(len(piece.encode()) <= PIECE_BYTES for piece in (row["payload"], *row["pieces"]))
    assert is_long(row) is bool(row["pieces"]) is (len(content.encode("utf-8", "replace")) > 65_000)
    back = chunk_of(row)
    assert back == chunk
    assert back.embedding == [1.0, 2.0]


def test_keys_are_of_one_length_for_any_id() -> None:
    keys = {key_of(chunk_id) for chunk_id in ("", "a", "a" * 10_000, "\ud800", "x' or '1")}
    assert len(keys) == 5
    assert {len(key) for key in keys} == {64}


def test_the_size_of_a_row_is_not_guessed_too_low() -> None:
    row = row_of(replace(CHUNK, content="é" * 1000), [0.5] * 100)
    assert bytes_of(row) >= 400 + 2000


@pytest.mark.parametrize("field", ["chunk_index", "start_char", "page"])
def test_positions_beyond_64_bits_are_refused(field: str) -> None:
    wide = replace(CHUNK, metadata=replace(CHUNK.metadata, **{field: 2**63}))
    with pytest.raises(StoreError, match=field):
        row_of(wide, [1.0])


def test_what_no_row_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_PIECES", 2)
    with pytest.raises(StoreError, match="smaller chunks"):
        row_of(replace(CHUNK, content="x" * 70_000), [1.0])
    with pytest.raises(StoreError, match="object"):
        row_of(replace(CHUNK, metadata=ChunkMetadata(extra={"a": object()})), [1.0])
