"""Chunks as records of Pinecone: never above its limits, and whole when they come back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from pydantic_core import to_json

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import IndexCorruptError, StoreError
from racto.stores.pinecone.fields import FieldMaker
from racto.stores.pinecone.records import (
    Record,
    chunk_of,
    key_of,
    part_text,
    part_vectors,
    parts_wanted,
    record_of,
)
from racto.testing.pinecone.metadata import kept

VECTOR = [1.0, 0.0, 0.0]
EDGES = [
    "x" * 39_000,
    '"' * 20_000,
    "\\" * 19_000,
    "\n\t\x00" * 7_000,
    "日本語" * 5_000,
    "😀" * 9_000,
]


def made(chunk: Chunk) -> Record:
    return record_of(chunk, VECTOR, FieldMaker())


def returned(chunk: Chunk) -> Chunk:
    """What comes back when the metadata travels as the server keeps it."""
    record = made(chunk)
    metadata = kept(dict(record.metadata), record.key) or {}
    parts = {v["id"]: kept(v["metadata"], v["id"]) for v, _ in part_vectors(record, 3)}
    texts = [part_text(parts[key]) for key in parts_wanted(record.key, metadata)]
    return chunk_of(metadata, texts, None)


@pytest.mark.parametrize("content", EDGES, ids=lambda text: repr(text[:3]))
@pytest.mark.parametrize("times", [1, 2, 7])
def test_texts_around_the_limit_fit(content: str, times: int) -> None:
    chunk = Chunk(content=content * times, chunk_id="a")
    assert returned(chunk) == chunk


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    letters=st.text(min_size=1, max_size=8),
    times=st.integers(1, 12_000),
    name=st.text(max_size=300),
    value=st.text(max_size=1500),
)
def test_any_text_fits(letters: str, times: int, name: str, value: str) -> None:
    metadata = ChunkMetadata(source=value, extra={name: value})
    chunk = Chunk(content=letters * times, chunk_id=name, metadata=metadata)
    assert returned(chunk) == chunk


def test_half_a_surrogate_pair_returns() -> None:
    chunk = Chunk(
        content="a\ud800b", chunk_id="\udfff", metadata=ChunkMetadata(extra={"k": "\ud800"})
    )
    assert returned(chunk) == chunk


def test_a_key_is_ascii_and_short() -> None:
    keys = {key_of(name) for name in ("", "a", "ü", "\x00", "x" * 10_000)}
    assert len(keys) == 5
    assert all(key.isascii() and len(key) == 32 for key in keys)


def test_damaged_parts_are_noticed() -> None:
    record = made(Chunk(content="x" * 100_000, chunk_id="a"))
    texts = list(record.parts)
    texts[1] = texts[1].replace("x", "y", 1)
    with pytest.raises(IndexCorruptError, match="do not make its text"):
        chunk_of(record.metadata, texts, None)


def test_a_record_of_a_later_layout_is_refused() -> None:
    with pytest.raises(IndexCorruptError, match="upgrade"):
        parts_wanted("key", {"_racto": 2.0, "_record": "{}"})


def test_damaged_text_is_refused() -> None:
    for text in ("{", "[]", '{"content": 1}', "[1]", 5.0):
        with pytest.raises(IndexCorruptError):
            chunk_of({"_record": text}, [], None)


def test_metadata_that_no_json_holds_is_refused() -> None:
    chunk = Chunk(content="", metadata=ChunkMetadata(extra={"k": object()}))
    with pytest.raises(StoreError, match="holds a object"):
        made(chunk)


@pytest.mark.parametrize(
    "damage",
    [
        {"_parts": "many"},
        {"_parts": 10**9},
        {"_parts": float("nan")},
        {"_parts": 0},
        {"_digest": ""},
    ],
    ids=str,
)
def test_records_that_ask_for_absurd_parts_are_refused(damage: dict[str, object]) -> None:
    record = made(Chunk(content="x" * 100_000, chunk_id="a"))
    assert len(parts_wanted(record.key, record.metadata)) == 3
    with pytest.raises(IndexCorruptError, match="add it again"):
        parts_wanted(record.key, {**record.metadata, **damage})


def test_parts_are_in_no_search_and_below_the_limit() -> None:
    record = made(Chunk(content='é"\n' * 40_000, chunk_id="a"))
    assert "_record" not in record.metadata
    for vector, size in part_vectors(record, 3):
        sent = len(to_json(vector["metadata"]))
        assert sent < 40 * 1024
        assert sent < size


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(text=st.text(st.characters(), max_size=200))
def test_sizes_are_never_below_what_is_sent(text: str) -> None:
    facts = ChunkMetadata(source=text, extra={text[:50]: [text, text], "n": 3})
    record = made(Chunk(content=text, chunk_id="a", metadata=facts))
    assert len(to_json(record.metadata)) <= record.size
