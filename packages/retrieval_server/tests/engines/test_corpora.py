"""Collections in files: every line is a document or an error that says where it stands."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError, ReadError
from racto.retrieval.server.engines.corpora import (
    BEIR,
    Layout,
    Record,
    corpus_file,
    record_in,
    records,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "text", "title", "part", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
LAYOUT = Layout(content_fields=("title", "text"), subset_field="part")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_document_a_blank_or_an_error(line: bytes) -> None:
    try:
        record = record_in(line, LAYOUT)
    except ReadError:
        return
    assert (record is None) == (not line.strip())


@given(JSON)
def test_any_json_is_a_document_or_an_error(value: object) -> None:
    try:
        record = record_in(json.dumps(value).encode(), LAYOUT)
    except ReadError:
        return
    assert record is not None
    assert isinstance(value, dict)
    assert record.key == str(value["id"])
    assert isinstance(record.text, str)
    assert record.subset is None or record.subset == str(value["part"])


def test_fields_are_joined_by_line_breaks_and_empty_ones_left_out() -> None:
    line = b'{"id": 7, "title": "", "text": "tea", "part": "a"}'
    assert record_in(line, LAYOUT) == Record(key="7", text="tea", subset="a")
    line = b'{"id": "x", "title": "T", "text": "tea"}'
    assert record_in(line, LAYOUT) == Record(key="x", text="T\ntea")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "no JSON"),
        (b"[1]", "object"),
        (b'{"id": "a"}', "content fields title, text"),
        (b'{"id": "a", "text": 3}', "text must be a text"),
        (b'{"text": "t"}', "id must be a text or a whole number: missing"),
        (b'{"id": true, "text": "t"}', "True"),
        (b'{"id": 1.0, "text": "t"}', "1.0"),
        (b'{"id": "", "text": "t"}', "id must be"),
        (b'{"id": "\xff", "text": "t"}', "UTF-8"),
        (b'{"id": "a", "text": "t", "part": []}', "part must be"),
    ],
)
def test_the_fault_of_a_line_is_said(line: bytes, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        record_in(line, LAYOUT)


def test_a_bad_line_is_named_by_file_and_number(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "text": "t"}\n\n{"id": "b"}\n')
    with pytest.raises(ReadError, match=r"c\.jsonl:3: none of the content fields"):
        list(records(path, Layout()))


def test_a_duplicate_names_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    # The number 1 and the text "1" are the same id to whoever asks for the document.
    path.write_text('{"id": 1, "text": "t"}\n{"id": "2", "text": "t"}\n{"id": "1", "text": "u"}\n')
    with pytest.raises(ReadError, match=r"c\.jsonl:3: id '1' has come before, in line 1"):
        list(records(path, Layout()))


def test_skipped_lines_are_counted_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"id": "a", "text": "t"}\nx\n{"id": "a", "text": "u"}\n')
    found = list(records(path, Layout(), on_error="skip"))
    assert found == [Record(key="a", text="t")]
    assert "2 lines" in caplog.text
    assert "c.jsonl:2" in caplog.text


def test_gzip_is_unpacked_and_a_torn_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    packed = gzip.compress(b'{"id": "a", "text": "t"}\n' * 1)
    path.write_bytes(packed)
    assert [record.key for record in records(path, Layout())] == ["a"]
    path.write_bytes(packed[:-6])
    with pytest.raises(ReadError, match=r"c\.jsonl\.gz cannot be read"):
        list(records(path, Layout()))


def test_a_folder_is_one_of_beir(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"has no corpus\.jsonl"):
        corpus_file(tmp_path)
    with pytest.raises(ConfigurationError, match="is not there"):
        corpus_file(tmp_path / "none")
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d", "title": "T", "text": "t"}')
    path, layout = corpus_file(tmp_path)
    assert layout == BEIR
    assert list(records(path, layout)) == [Record(key="d", text="T\nt")]
