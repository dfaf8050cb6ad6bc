"""Rows in an array are found as Faiss's own flat index finds them, and its file is theirs."""

from __future__ import annotations

import io
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, strategies as st

from racto.core.testing.contracts.generators import examples
from racto.stores.faiss.flat import FlatRows, measure_of
from racto.stores.faiss.kinds import IndexKind, kind_of

WIDTH = 12
KINDS = [kind_of("flat_ip"), kind_of("flat_l2")]


def matrix(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, WIDTH), dtype=np.float32)


def both(kind: IndexKind, rows: np.ndarray, step: int = 100) -> tuple[FlatRows, faiss.IndexFlat]:
    ours, theirs = FlatRows(kind, WIDTH), faiss.IndexFlat(WIDTH, measure_of(kind))
    for at in range(0, len(rows), step):
        ours.add(rows[at : at + step])
        theirs.add(rows[at : at + step])
    return ours, theirs


@examples(60)
@given(
    kind=st.sampled_from(KINDS),
    size=st.integers(1, 300),
    queries=st.integers(1, 30),
    share=st.sampled_from([0.1, 0.9, 1.0]),
    seed=st.integers(0, 99),
)
def test_the_nearest_are_those_of_faiss(
    kind: IndexKind, size: int, queries: int, share: float, seed: int
) -> None:
    ours, theirs = both(kind, matrix(size, seed))
    allowed = np.random.default_rng(seed).random(size) < share
    count = min(7, int(allowed.sum()))
    if not count:
        return
    library: Any = faiss
    bits = library.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
    params = library.SearchParameters(sel=bits)
    asked = matrix(queries, seed + 1000)
    _, wanted = theirs.search(asked, count, params=params)
    assert np.array_equal(ours.nearest(asked, count, allowed), wanted)
    assert np.array_equal(ours.nearest(asked, count, None), theirs.search(asked, count)[1])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("size", [0, 1, 9000])
def test_the_file_is_that_of_faiss(kind: IndexKind, size: int) -> None:
    ours, theirs = both(kind, matrix(size), step=4000)
    written = io.BytesIO()
    ours.write(written.write)
    data = faiss.serialize_index(theirs).tobytes()
    assert written.getvalue() == data
    again = FlatRows.read(io.BytesIO(data).read, len(data), kind, size, WIDTH)
    assert np.array_equal(again.rows, matrix(size))
    again.add(matrix(3, seed=1))
    assert np.array_equal(again.rows[size:], matrix(3, seed=1))


@pytest.mark.parametrize(
    ("at", "value"), [(0, b"IxPQ"), (4, b"\x0b"), (8, b"\xff"), (33, b"\x09"), (37, b"\xff"), (50, b"\xff" * 8)]
)  # fmt: skip
def test_other_bytes_are_refused(at: int, value: bytes) -> None:
    data = bytearray(faiss.serialize_index(both(KINDS[0], matrix(5))[1]))
    data[at : at + len(value)] = value
    with pytest.raises(ValueError, match=r"flat one|finite"):
        FlatRows.read(io.BytesIO(data).read, len(data), KINDS[0], 5, WIDTH)
    for size in (len(data) - 1, len(data) + 1):
        with pytest.raises(ValueError, match="flat one"):
            FlatRows.read(io.BytesIO(data).read, size, KINDS[0], 5, WIDTH)


def test_removed_rows_give_their_room_back() -> None:
    ours, _ = both(KINDS[0], matrix(1000))
    ours.remove(np.arange(1000) >= 10)
    assert np.array_equal(ours.rows, matrix(1000)[:10])
    assert ours.rows.base is None or len(ours.rows.base) == 10


def test_rows_of_another_length_are_refused() -> None:
    ours, _ = both(KINDS[0], matrix(3))
    for width in (1, WIDTH + 1):
        with pytest.raises(ValueError, match="among rows of 12"):
            ours.add(np.ones((2, width), dtype=np.float32))
    with pytest.raises(ValueError, match="reshape"):
        ours.nearest(np.ones((1, WIDTH + 1), dtype=np.float32), 1, None)
    assert ours.ntotal == 3
