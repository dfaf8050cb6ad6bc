"""Rows in the server's binary forms, as its documentation draws them."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import numpy as np
import pytest

from racto.stores.pgvector.packing import BOOL, JSONB, TEXT, arrays, copied, texts
from racto.stores.pgvector.records import Row

ROWS = [Row(False, "i", "ä", None, "{}"), Row(True, "j", "", "exact", '{"a":1}')]


@pytest.mark.parametrize(("half", "width"), [(False, 4), (True, 2)])
def test_copy_format(half: bool, width: int) -> None:
    vectors = np.array([[1.0, -2.0], [3.0, 4.0]], dtype=np.float32)
    data = b"".join(copied(ROWS, vectors, half=half))
    assert data.startswith(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
    at, found = 19, []
    for _ in ROWS:
        assert data[at : at + 2] == struct.pack(">h", 6)
        at += 2
        for _ in range(6):
            size = struct.unpack_from(">i", data, at)[0]
            at += 4
            found.append(None if size < 0 else data[at : at + size])
            at += max(size, 0)
    assert data[at:] == b"\xff\xff"
    assert found[:5] == [b"\x00", b"i", "ä".encode(), None, b"\x01{}"]
    assert found[6:11] == [b"\x01", b"j", b"", b"exact", b'\x01{"a":1}']
    assert struct.unpack_from(">hh", found[5] or b"") == (2, 0)
    assert np.frombuffer(found[11] or b"", f">f{width}", offset=4).tolist() == [3.0, 4.0]


def test_more_rows_than_a_piece() -> None:
    rows = [Row(False, str(n), "", None, "{}") for n in range(100)]
    pieces = list(copied(rows, np.zeros((120, 3), dtype=np.float32), half=False))
    assert len(pieces) > 3
    assert sum(piece.count(b"\x01{}") for piece in pieces) == 100


def test_arrays() -> None:
    types = {"vector": SimpleNamespace(oid=7, array_oid=8)}
    vectors = np.ones((2, 3), dtype=np.float32)
    columns = arrays(ROWS, vectors, half=False, types=types)
    heads = [struct.unpack_from(">iiiii", column.data) for column in columns]
    assert [head[2] for head in heads] == [BOOL, TEXT, TEXT, TEXT, JSONB, 7]
    assert {head[0:1] + head[3:] for head in heads} == {(1, 2, 1)}
    assert columns[3].data[20:] == b"\xff\xff\xff\xff\x00\x00\x00\x05exact"
    assert len(columns[5].data) == 20 + 2 * (4 + 4 + 12)
    assert columns[5].oid == 8


def test_texts_keep_their_letters() -> None:
    assert texts(["ü", None]).data[20:] == b"\x00\x00\x00\x02\xc3\xbc\xff\xff\xff\xff"
