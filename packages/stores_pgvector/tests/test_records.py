"""Rows keep whole chunks, and batches end where they must."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import StoreError
from racto.stores.pgvector.records import Row, batches, chunk_of, copied, row_of


def test_two_ids_of_a_document_are_kept_apart() -> None:
    chunk = Chunk(content="", chunk_id="c", doc_id="one", metadata=ChunkMetadata(doc_id="two"))
    assert chunk_of([*row_of(chunk), None]) == chunk


def test_fields_are_plain_values() -> None:
    metadata = ChunkMetadata(source=["a", "b"])  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"metadata\.source is a list"):
        row_of(Chunk(content="", metadata=metadata))


def test_batches_end_at_their_rows_and_at_their_bytes() -> None:
    small, large = Row("", "", None, ""), Row("", "x" * 50, None, "")
    assert list(batches([small] * 5, 1, 2, 100)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert list(batches([large, small, large], 1, 9, 102)) == [slice(0, 2), slice(2, 3)]
    # A row that is too large alone goes alone.
    assert list(batches([large, large], 1, 9, 10)) == [slice(0, 1), slice(1, 2)]
    assert list(batches([], 1, 9, 10)) == []


@pytest.mark.parametrize(("half", "width"), [(False, 4), (True, 2)])
def test_copy_format(half: bool, width: int) -> None:
    data = copied([Row("i", "ä", None, "{}")], np.array([[1.0, -2.0]], dtype=np.float32), half=half)
    assert data.startswith(b"PGCOPY\n\xff\r\n\x00")
    assert data.endswith(b"\xff\xff")
    body = data[19:-2]
    assert struct.unpack(">h", body[:2]) == (5,)
    assert body[2:7] == b"\x00\x00\x00\x01i"
    size = 4 + 2 * width
    assert struct.unpack(">ihh", body[-size - 4 : -size + 4]) == (size, 2, 0)
