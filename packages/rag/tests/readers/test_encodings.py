"""Bytes become text in a known encoding or are refused, never guessed at."""

from __future__ import annotations

import codecs

import pytest

from racto.core.errors import BinaryDocumentError, ConfigurationError, EmptyDocumentError
from racto.rag.readers.encodings import decode, require_encoding
from racto.rag.readers.sources import load

TEXT = "Grüße, 世界 😀\n"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_mark_decides(mark: bytes, encoding: str):
    assert decode(load(mark + TEXT.encode(encoding))) == (TEXT, encoding)


def test_line_ends_become_one_kind():
    assert decode(load(b"a\r\nb\rc\n\r\nd"))[0] == "a\nb\nc\n\nd"


def test_another_encoding_is_refused_unless_it_is_named():
    data = "Größe – “quoted”".encode("cp1252")
    with pytest.raises(BinaryDocumentError, match="fallback_encoding"):
        decode(load(data))
    assert decode(load(data), fallback="cp1252") == ("Größe – “quoted”", "cp1252")
    assert decode(load(data), declared="windows-1252", fallback="koi8-r")[1] == "cp1252"
    assert decode(load("Größe".encode()), fallback="cp1252")[1] == "utf-8"


def test_a_web_page_in_latin_1_is_read_as_browsers_do():
    assert decode(load("a – b".encode("cp1252")), declared="iso-8859-1") == ("a – b", "cp1252")


def test_an_encoding_of_ascii_bytes_is_read_as_declared():
    data = "日本".encode("iso2022-jp")
    assert decode(load(data), declared="iso-2022-jp")[0] == "日本"


def test_unknown_declarations_are_ignored():
    assert decode(load(b"abc"), declared="no-such-thing") == ("abc", "utf-8")
    assert decode(load(b"abc"), declared="base64") == ("abc", "utf-8")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GIF89a\x01\x00\x01", "NUL"),
        ("no mark".encode("utf-16-le"), "NUL"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8x", "mark of utf-16-le"),
        (b"\x1f\x8b\x08\x08\x99\xff\x02\x01", "not UTF-8"),
    ],
)
def test_binary_data_are_refused(data: bytes, reason: str):
    with pytest.raises(BinaryDocumentError, match=reason):
        decode(load(data), fallback="latin-1")


@pytest.mark.parametrize("data", [b"", b" \n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_nothing_but_white_space_is_empty(data: bytes):
    with pytest.raises(EmptyDocumentError, match="no text"):
        decode(load(data))


def test_encodings_have_the_names_that_python_gives_them():
    assert require_encoding(None) is None
    assert require_encoding("Windows-1252") == "cp1252"
    for name in ("no-such-thing", "base64", ""):
        with pytest.raises(ConfigurationError, match="not the name"):
            require_encoding(name)
