"""JsonReader writes fields with their names, and knows each record's line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.core import Document
from racto.core.errors import BinaryDocumentError, EmptyDocumentError
from racto.core.testing import ReaderContract
from racto.rag.readers import JsonReader


class TestJsonContract(ReaderContract):
    """JsonReader is a reader of JSON."""

    file_name = "sample.json"
    file_bytes = '{"author": {"name": "Émile"}, "tags": ["a", "b"]}'.encode()
    words = "author.name: Émile\ntags: a, b"

    @pytest.fixture
    def reader(self) -> JsonReader:
        return JsonReader()


class TestLinesContract(ReaderContract):
    """JsonReader is a reader of JSON Lines."""

    file_name = "sample.jsonl"
    file_bytes = b'{"title": "One"}\n\n{"title": "Two", "year": 2024}\n'
    words = "title: Two | year: 2024"

    @pytest.fixture
    def reader(self) -> JsonReader:
        return JsonReader()


def read(text: str, name: str = "", folder: Path | None = None) -> Document:
    if folder is None:
        return JsonReader().read(text.encode())
    path = folder / name
    path.write_bytes(text.encode())
    return JsonReader().read(path)


def test_nothing_of_a_value_is_changed():
    document = read(
        '{"id": 12345678901234567890123, "pi": 3.10, "x": NaN, "on": true, "none": null, "": "e",'
        ' "a": [1, {"b": "c"}, [2]], "word": "caf\\u00e9 \\ud83d\\ude00", "half": "\\ud83d"}'
    )
    assert document.text == (
        "id: 12345678901234567890123\npi: 3.10\nx: NaN\non: true\ne\na: 1\na.b: c\na: 2\n"
        "word: café 😀\nhalf: \N{REPLACEMENT CHARACTER}"
    )


def test_a_number_longer_than_python_converts_is_kept():
    assert "9" * 10_000 in read('{"n": ' + "9" * 10_000 + "}").text


def test_a_key_that_comes_twice_keeps_both_values():
    assert read('{"a": 1, "a": 2}').text == "a: 1\na: 2"


def test_long_texts_keep_their_lines():
    assert read('{"a": 1, "text": "one\\n\\ntwo"}').text == "a: 1\n\ntext: one\n\ntwo"


def test_an_array_of_objects_is_a_table():
    document = read('[{"a": 1}, {}, {"a": "x\\ny"}]')
    assert document.text == "a: 1\na: x y"
    assert document.row_at(document.text.index("x")) == 3
    assert document.metadata["row_count"] == 2


def test_a_bad_line_is_kept_and_counted(tmp_path: Path):
    document = read('{"a": 1}\n{"a": \n\n{"a": 3}\nnot json', "log.jsonl", tmp_path)
    assert document.text == 'a: 1\n{"a":\na: 3\nnot json'
    assert document.row_at(document.text.index("3")) == 4
    assert document.metadata["bad_lines"] == {"count": 2, "first": [2, 5]}
    assert document.metadata["row_count"] == 4


@pytest.mark.parametrize(
    "text", ["{a: 1 // comment\n}", '{"a": 1', "[" * 200_000, "[" * 150 + "]" * 150]
)
def test_what_is_not_json_is_read_as_text(text: str):
    document = read(text)
    assert document.text == text
    assert document.metadata["malformed"]


def test_nesting_without_end_is_a_bad_line(tmp_path: Path):
    document = read('{"a": 1}\n' + "[" * 200_000, "deep.ndjson", tmp_path)
    assert document.metadata["bad_lines"] == {"count": 1, "first": [2]}


@pytest.mark.parametrize("text", ["{}", "[]", "null", '[{"a": null}]'])
def test_brackets_alone_are_empty(text: str):
    with pytest.raises(EmptyDocumentError):
        read(text)


def test_nul_bytes_are_refused():
    with pytest.raises(BinaryDocumentError):
        read('{"a": "\0"}')


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
RECORDS = st.none() | st.dictionaries(WORDS, WORDS, min_size=1, max_size=3)


@given(st.lists(RECORDS, min_size=1, max_size=8).filter(any))
def test_every_record_is_in_the_row_of_its_line(records: list[dict[str, str] | None]):
    document = read("\n".join(["[0]", *(json.dumps(each) if each else "" for each in records)]))
    lines = {document.row_at(start): start for start in document.rows}
    for number, record in enumerate(records, 2):
        for key, word in (record or {}).items():
            line = document.text[lines[number] :].split("\n")[0]
            assert f"{key}: {word}" in line
