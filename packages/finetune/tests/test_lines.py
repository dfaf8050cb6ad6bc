"""Lines of JSON: every character survives, no other line break is left, faults name their line."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError, ReadError
from racto.finetune import lines
from racto.finetune.lines import dump_line, load_line, records_in

from .formats.example_strategies import json_values, texts


@given(st.dictionaries(texts, json_values, max_size=4))
def test_what_goes_in_comes_out(record: dict[str, Any]) -> None:
    line = dump_line(record)
    assert load_line(line) == record
    assert line.endswith(b"\n")
    assert len(line.decode("utf-8").splitlines()) == 1


@pytest.mark.parametrize("value", [2**64, -(2**70), 10**30, 12345678901234567890])
def test_long_integers_stay_exact(value: int) -> None:
    assert load_line(dump_line({"n": value})) == {"n": value}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")], ids=str)
def test_nan_is_refused_and_not_written_as_null(value: float) -> None:
    with pytest.raises(ConfigurationError, match="no NaN"):
        dump_line({"a": [1, {"b": value}]})


def test_null_itself_is_fine() -> None:
    assert load_line(dump_line({"a": None, "b": "null"})) == {"a": None, "b": "null"}


@pytest.mark.parametrize(
    "value", [date(2026, 1, 1), {1}, b"x", object], ids=["date", "set", "bytes", "class"]
)
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError, match="no form in JSON"):
        dump_line({"a": value})


def test_empty_lines_and_a_mark_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a":1}\r\n\n  \n{"a":2}')
    assert list(records_in(file)) == [(1, {"a": 1}), (4, {"a": 2})]


def test_packed_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"a":1}\n'))
    assert list(records_in(file)) == [(1, {"a": 1})]
    file.write_bytes(gzip.compress(b'{"a":1}\n')[:-9])
    with pytest.raises(ReadError, match="cannot be read"):
        list(records_in(file))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "no JSON"),
        (b"[1]", "expected an object, not list"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":"\xff"}', "no JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
    ids=["cut", "list", "nan", "latin", "deep"],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, says: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"a":1}\n' + line + b"\n")
    with pytest.raises(ReadError, match=says) as caught:
        list(records_in(file))
    assert "line 2" in str(caught.value)


def test_an_endless_line_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 10)
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"a":1}\n{"a":"longer than that"}\n')
    with pytest.raises(ReadError, match="line 2: longer than 10 bytes"):
        list(records_in(file))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(records_in(tmp_path / "none.jsonl"))


def test_a_packed_file_with_damage_inside_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    packed = bytearray(gzip.compress(b'{"a":1}\n'))
    # A kind of block that the format does not have.
    packed[10] |= 0b110
    file.write_bytes(packed)
    with pytest.raises(ReadError, match="cannot be read"):
        list(records_in(file))
