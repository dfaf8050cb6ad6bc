"""Labelled pairs out of files: three formats, and errors that name line and field."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from racto.cache.semantic import LabelledPair, pairs as room, read_pairs
from racto.core.errors import ConfigurationError

PAIR = LabelledPair(first="a, b", second='say "c"', same=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1,
                max_size=40).filter(str.strip)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.csv", 'first,second,same\n"a, b","say ""c""",1\n\n'),
        ("p.csv", '\ufeffSame, id ,second,FIRST\r\nyes,7,"say ""c""","a, b"\r\n'),
        ("p.TSV", 'first\tsecond\tsame\na, b\t"say ""c"""\ttrue\n'),
        ("p.jsonl", '{"first": "a, b", "second": "say \\"c\\"", "same": true, "id": 1}\n\n'),
        ("p.ndjson", '{"first": "a, b", "second": "say \\"c\\"", "same": "same"}'),
    ],
)
def test_formats(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8", newline="")
    assert read_pairs(file) == [PAIR]


@given(pairs=st.lists(st.tuples(TEXTS, TEXTS, st.booleans()), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_round_trip(tmp_path: Path, pairs: list[tuple[str, str, bool]]) -> None:
    wanted = [LabelledPair(first=a, second=b, same=same) for a, b, same in pairs]
    lines = tmp_path / "p.jsonl"
    lines.write_text(
        "\n".join(json.dumps({"first": a, "second": b, "same": s}) for a, b, s in pairs)
    )
    assert read_pairs(lines) == wanted
    for name, delimiter in (("p.csv", ","), ("p.tsv", "\t")):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=delimiter)
            writer.writerow(["first", "second", "same"])
            writer.writerows([a, b, int(s)] for a, b, s in pairs)
        assert read_pairs(tmp_path / name) == wanted


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.txt", "", r"\.csv, \.tsv"),
        ("p.csv", "", "line 1: the header lacks first, second, same"),
        ("p.csv", "first,second\na,b\n", "lacks same"),
        ("p.csv", "first,second,same\n", "holds no pair"),
        ("p.csv", "first,second,same\na,b\n", "line 2: 2 values under 3 names"),
        ("p.csv", "first,second,same\na,b,1\na, ,1\n", "line 3: 'second' must be a text"),
        ("p.csv", "first,second,same\na,b,maybe\n", "line 2: 'same' must be 1.*'maybe'"),
        ("p.csv", 'first,second,same\n"a,b,1\n', "line 2: unexpected end of data"),
        ("p.jsonl", '{"first": 1}', "line 1: 'first' must be a text"),
        ("p.jsonl", '\n{"first": "a"', "line 2: no JSON"),
        ("p.jsonl", "[1]", "line 1: expected an object, not list"),
        ("p.jsonl", "[" * 50_000, "line 1: no JSON: nested too deeply"),
        ("p.jsonl", '{"first": "a", "second": "b", "same": 0.5}', "'same' must be"),
        ("p.jsonl", '{"first": "a", "second": "b", "same": 2}', "'same' must be"),
        ("p.jsonl", json.dumps({"first": "a" * 100_001, "second": "b", "same": 1}), "100,001"),
        ("p.jsonl", " " * 400_002, "longer than 400,000"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_pairs(file)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file"):
        read_pairs(tmp_path / "none.csv")
    file = tmp_path / "p.csv"
    file.write_bytes(b"first,second,same\n\xff\xfe,b,1\n")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_pairs(file)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "p.csv"
    file.write_text("first,second,same\n" + "a,b,1\n" * 5)
    assert len(read_pairs(file, limit=3)) == 3
    monkeypatch.setattr(room, "MOST_PAIRS", 4)
    with pytest.raises(ConfigurationError, match="more than 4 pairs"):
        read_pairs(file)
