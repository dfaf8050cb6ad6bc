"""Chunks as objects of Weaviate."""

from __future__ import annotations

import uuid
from types import SimpleNamespace

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import IndexCorruptError, StoreError
from racto.stores.weaviate.records import Record, chunk_of, key_of, record_of
from racto.stores.weaviate.tokens import TokenMaker


def made(chunk: Chunk) -> Record:
    return record_of(chunk, [1.0, 0.0], TokenMaker())


def test_a_chunk_returns_as_it_was() -> None:
    metadata = ChunkMetadata(source="ü", page=3, extra={"k": "a\x00\ud800", "t": (1, [None])})
    chunk = Chunk(content="a\ud800b", chunk_id="\udfff", metadata=metadata)
    found = SimpleNamespace(properties={"record": made(chunk).text}, vector={"default": [1.0, 0.0]})
    assert chunk_of(found) == chunk
    assert chunk_of(found).embedding == [1.0, 0.0]


def test_keys_are_stable_and_their_own() -> None:
    names = ["", "a", "ü", "\x00", "\ud800", "eda080", "x" * 10_000]
    assert len({key_of(name) for name in names}) == len(names)
    # What is stored today must be found by every later version.
    assert key_of("a") == "327ba893-7035-5490-af29-7c6cd825389d"


def test_foreign_and_damaged_objects_are_refused() -> None:
    with pytest.raises(StoreError, match="did not write"):
        chunk_of(SimpleNamespace(properties={}, vector={}, uuid="u"))
    with pytest.raises(IndexCorruptError):
        chunk_of(SimpleNamespace(properties={"record": "{"}, vector={}, uuid="u"))


def test_metadata_that_no_json_holds_is_refused() -> None:
    chunk = Chunk(content="", metadata=ChunkMetadata(extra={"k": object()}))
    with pytest.raises(StoreError, match="holds a object"):
        made(chunk)


def test_keys_are_what_the_standard_library_makes_of_them() -> None:
    space = uuid.UUID("6f9d3c2e-0f0b-5a3e-9d0f-7a1d5a3b8c11")
    for name in ("", "a", "ü", "x" * 1000):
        assert key_of(name) == str(uuid.uuid5(space, name))
