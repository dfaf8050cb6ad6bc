"""Contents keep index, records and ids in step, whatever is replaced, removed or squeezed out."""

from __future__ import annotations

import numpy as np
import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import StoreError
from racto.stores.faiss.contents import Contents
from racto.stores.faiss.kinds import kind_of
from racto.stores.faiss.records import Records
from racto.stores.faiss.vectors import lengths_of


def filled(names: str, index_type: str = "flat_ip") -> Contents:
    contents = Contents(kind_of(index_type), None)
    put(contents, names)
    return contents


def put(contents: Contents, names: str) -> None:
    chunks = [
        Chunk(content=name, chunk_id=name, metadata=ChunkMetadata(chunk_index=ord(name)))
        for name in names
    ]
    vectors = np.array([[ord(name), 1.0] for name in names], dtype=np.float32)
    contents.put(Records.of(chunks), vectors, lengths_of(vectors))


def ids(contents: Contents) -> list[str]:
    return contents.ids(None)


@pytest.mark.parametrize("index_type", ["flat_l2", "hnsw_l2"])
def test_replaced_and_removed_rows_stay_until_they_are_squeezed_out(index_type: str) -> None:
    contents = filled("abcd", index_type)
    put(contents, "b")
    contents.remove(["a", "unknown"])
    assert (contents.size, contents.count, contents.removed) == (5, 3, 2)
    fresh = contents.compacted()
    if index_type == "flat_l2":
        contents.squeeze()
        assert (ids(contents), contents.removed) == (["c", "d", "b"], 0)
    assert (ids(fresh), fresh.size, fresh.index and fresh.index.size) == (["c", "d", "b"], 3, 3)
    (found,) = fresh.nearest(np.array([[ord("b"), 1.0]], dtype=np.float32), 1, None)
    assert (found[0].chunk.chunk_id, found[0].score) == ("b", 0.0)


def test_vectors_come_back_with_their_lengths() -> None:
    (chunk,) = filled("a").lookup(["a"])
    assert chunk is not None
    assert np.allclose(np.asarray(chunk.embedding), [ord("a"), 1.0])


def test_rows_of_a_failed_call_are_hidden_and_then_dropped() -> None:
    contents = filled("ab", "flat_l2")
    assert contents.index is not None
    # What is left when memory runs out between the index and the records.
    contents.index.add(np.array([[1.0, 1.0]] * 3, dtype=np.float32))
    (found,) = contents.nearest(np.array([[1.0, 1.0]], dtype=np.float32), 9, None)
    assert [result.chunk.chunk_id for result in found] == ["a", "b"]
    put(contents, "c")
    assert (contents.index.size, ids(contents)) == (3, ["a", "b", "c"])


def test_a_refusal_of_faiss_keeps_what_is_there() -> None:
    contents, wide = filled("ab"), np.ones((1, 3), dtype=np.float32)
    with pytest.raises(StoreError):
        contents.put(Records.of([Chunk(content="", chunk_id="a")]), wide, lengths_of(wide))
    assert ids(contents) == ["a", "b"]
