"""Old workbooks that lie about their sizes are refused before a library believes them."""

from __future__ import annotations

import io
import random
import struct

import pytest
import xlwt

from racto.core.errors import DocumentTooLargeError, EncryptedDocumentError, ReadError
from racto.rag.readers import SpreadsheetReader
from racto.rag.readers.compound_files import workbook_stream
from racto.rag.readers.sources import load


def xls(rows: int = 200, far: tuple[int, int] | None = None) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Alt")
    for row in range(rows):
        sheet.write(row, 0, f"cell {row}")
    if far is not None:
        sheet.write(*far, "far")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def patched(data: bytes, kind: int, at: int, value: bytes) -> bytes:
    """The same file with bytes of its first record of a kind replaced."""
    stream = workbook_stream(load(data))
    place = 0
    while (found := struct.unpack_from("<HH", stream, place))[0] != kind:
        place += 4 + found[1]
    start = data.index(stream[place : place + 16])
    changed = bytearray(data)
    changed[start + 4 + at : start + 4 + at + len(value)] = value
    return bytes(changed)


def test_the_records_of_a_sound_file_are_whole():
    stream = workbook_stream(load(xls()))
    assert stream.startswith(b"\x09\x08")
    assert b"cell 199" in stream
    assert "cell 199" in SpreadsheetReader().read(xls()).text


def test_two_cells_far_apart_are_refused():
    far = xls(far=(65_000, 250))
    with pytest.raises(DocumentTooLargeError, match="spans"):
        SpreadsheetReader().read(far)
    assert "far" in SpreadsheetReader(max_cells=20_000_000).read(far).text


@pytest.mark.parametrize(
    ("kind", "at", "value"),
    [
        (0x00FC, 4, b"\xff\xff\xff\x7f"),
        (0x0200, 4, b"\xff\xff\xff\x7f"),
        (0x0200, 0, b"\xff\xff\x00\x00"),
    ],
    ids=["texts", "rows", "first row"],
)
def test_records_that_claim_too_much_are_refused(kind: int, at: int, value: bytes):
    with pytest.raises(ReadError, match="not a sound workbook"):
        SpreadsheetReader().read(patched(xls(), kind, at, value))


@pytest.mark.parametrize(("at", "value"), [(30, b"\x1f"), (44, b"\xff\xff\xff"), (26, b"\x09")])
def test_headers_that_claim_too_much_are_refused(at: int, value: bytes):
    changed = bytearray(xls())
    changed[at : at + len(value)] = value
    with pytest.raises(ReadError, match="not a sound workbook"):
        SpreadsheetReader().read(bytes(changed))


def test_any_damage_ends_in_a_document_or_a_read_error():
    chance = random.Random(5)
    sound = xls()
    for _ in range(200):
        damaged = bytearray(sound)
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            SpreadsheetReader().read(bytes(damaged))
        except ReadError:
            continue


def test_files_with_a_password_are_told_from_damaged_ones():
    # A record of another kind turned into the one that begins what is encrypted.
    stream = workbook_stream(load(xls()))
    first = struct.unpack_from("<HH", stream, 0)[1] + 4
    place = xls().index(stream[first : first + 16])
    locked = bytearray(xls())
    locked[place : place + 2] = b"\x2f\x00"
    with pytest.raises(EncryptedDocumentError, match="without its password"):
        SpreadsheetReader().read(bytes(locked))
    packed = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedDocumentError, match="without its password"):
        SpreadsheetReader().read(packed)
