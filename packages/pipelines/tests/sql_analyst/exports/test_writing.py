"""Results as files: every type said without loss, no formula let in, no file half written."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import stat
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.pipelines.sql_analyst.exports import (
    FORMATS,
    TableExports,
    as_frame,
    awrite_table,
    markdown_table,
    table_bytes,
    write_table,
)
from racto.pipelines.sql_analyst.exports.cells import text_of
from racto.pipelines.sql_analyst.exports.writing import csv_text, json_text

BERLIN = ZoneInfo("Europe/Berlin")
ALL_TYPES = pl.DataFrame(
    {
        "n": [1, None],
        "price": [Decimal("1234.50"), None],
        "share": [0.1, float("nan")],
        "open": [True, None],
        "day": [date(2024, 2, 29), None],
        "at": [datetime(2024, 7, 1, 12, tzinfo=BERLIN), None],
        "utc": [datetime(2024, 7, 1, 12, tzinfo=UTC), None],
        "clock": [time(1, 2, 3), None],
        "took": [timedelta(hours=25, microseconds=5), None],
        "blob": [b"\x00\xff", None],
        "tags": [["a", "b"], None],
        "point": [{"x": 1, "y": None}, None],
        "text": ['quo"te, comma\nline', ""],
        "empty": [None, None],
    }
)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "\u00a0@x"]


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_csv_says_every_type() -> None:
    header, first, second = _rows(csv_text(ALL_TYPES))
    assert header == ALL_TYPES.columns
    assert dict(zip(header, first, strict=True)) == {
        "n": "1",
        "price": "1234.50",
        "share": "0.1",
        "open": "true",
        "day": "2024-02-29",
        "at": "2024-07-01T12:00:00+02:00",
        "utc": "2024-07-01T12:00:00+00:00",
        "clock": "01:02:03",
        "took": "P1DT1H0M0.000005S",
        "blob": "AP8=",
        "tags": '["a", "b"]',
        "point": '{"x": 1, "y": null}',
        "text": 'quo"te, comma\nline',
        "empty": "",
    }
    assert set(second) == {"", "NaN"}


def test_json_says_every_type_without_loss() -> None:
    first, second = json.loads(json_text(ALL_TYPES))
    assert first["price"] == "1234.50"
    assert first["at"] == "2024-07-01T12:00:00+02:00"
    assert first["tags"] == ["a", "b"]
    assert first["point"] == {"x": 1, "y": None}
    assert first["blob"] == "AP8="
    assert second["share"] is None
    lines = table_bytes(ALL_TYPES, "jsonl").decode().splitlines()
    assert [json.loads(line) for line in lines] == [first, second]


def test_parquet_keeps_every_type() -> None:
    again = pl.read_parquet(io.BytesIO(table_bytes(ALL_TYPES, "parquet")))
    assert again.schema == ALL_TYPES.schema
    assert again.equals(ALL_TYPES)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_formula_gets_into_csv(text: str) -> None:
    frame = pl.DataFrame({"t": [text], "n": [-5], "d": [Decimal("-1.5")]})
    assert _rows(csv_text(frame))[1] == [f"'{text}", "-5", "-1.5"]
    assert _rows(csv_text(frame, guard_formulas=False))[1][0] == text
    assert _rows(csv_text(pl.DataFrame({text: [1]})))[0] == [f"'{text}"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20))
def test_csv_reads_back(texts: list[str]) -> None:
    frame = pl.DataFrame({"t": texts, "n": list(range(len(texts)))})
    _, *rows = _rows(csv_text(frame, guard_formulas=False))
    assert rows == [[text, str(at)] for at, text in enumerate(texts)]


def test_masks_and_names_are_no_formulas() -> None:
    frame = pl.DataFrame({"t": ["***MASKED***", "a-b", "x=1", None]})
    assert csv_text(frame) == "t\n***MASKED***\na-b\nx=1\n\n"


def _sheet(content: bytes) -> str:
    with ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_excel_has_no_formula_and_no_link() -> None:
    frame = pl.DataFrame({"t": [*FORMULAS, "http://a.example", "{=1}"], "n": [-1] * 10})
    sheet = _sheet(table_bytes(frame, "xlsx"))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    # All of the texts are strings, all of the numbers numbers.
    assert sheet.count('t="s"') == 10 + 2
    assert sheet.count("<v>-1</v>") == 10


def test_excel_holds_real_values_and_keeps_long_numbers() -> None:
    frame = pl.DataFrame(
        {
            "day": [date(2024, 2, 29), date(1850, 1, 1)],
            "big": [2**60, 7],
            "price": [Decimal("12.50"), Decimal("12345678901234567.25")],
            "at": [datetime(2024, 7, 1, 12, tzinfo=BERLIN)] * 2,
            "f": [float("inf"), 0.5],
        }
    )
    content = table_bytes(frame, "xlsx")
    with ZipFile(io.BytesIO(content)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    for kept in ("1152921504606846976", "12345678901234567.25", "+02:00", "1850-01-01"):
        assert kept in texts
    assert "<v>12.5</v>" in _sheet(content)


def test_excel_refuses_what_no_sheet_holds() -> None:
    wide = pl.DataFrame({f"c{at}": [1] for at in range(16_385)})
    with pytest.raises(ConfigurationError, match="16,385"):
        table_bytes(wide, "xlsx")


def test_markdown_cells_break_no_row() -> None:
    frame = pl.DataFrame({"a|b": ["x|y\nz", "*b* <i> `c` [l](u)"], "n": [1234567, None]})
    assert markdown_table(frame).splitlines() == [
        "| a\\|b | n |",
        "| --- | ---: |",
        "| x\\|y z | 1,234,567 |",
        "| \\*b\\* &lt;i&gt; \\`c\\` \\[l\\](u) |  |",
    ]
    assert markdown_table(frame, max_rows=1).endswith("\n*1 more row*")
    assert markdown_table(pl.DataFrame()) == ""
    assert "| abcd… |" in markdown_table(pl.DataFrame({"t": ["abcdefgh"]}), max_width=5)


@pytest.mark.parametrize("kind", FORMATS)
def test_files_are_whole_protected_and_equal_to_their_bytes(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{kind}"
    assert write_table(ALL_TYPES, path) == path
    before = path.read_bytes()
    if kind != "xlsx":
        assert before == table_bytes(ALL_TYPES, kind)
    with pytest.raises(ConfigurationError, match="overwrite=True"):
        write_table(ALL_TYPES, path)
    assert path.read_bytes() == before
    write_table(ALL_TYPES, path, overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_empty_tables_keep_their_columns(tmp_path: Path) -> None:
    empty = ALL_TYPES.clear()
    assert csv_text(empty).strip() == ",".join(ALL_TYPES.columns)
    assert json_text(empty) == "[]"
    assert markdown_table(empty).count("\n") == 1
    write_table(empty, tmp_path / "a.xlsx")
    assert pl.read_parquet(io.BytesIO(table_bytes(empty, "parquet"))).schema == empty.schema


def test_places_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a folder"):
        write_table(ALL_TYPES, tmp_path, format="csv")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_table(ALL_TYPES, tmp_path / "no" / "folder.csv")
    with pytest.raises(ConfigurationError, match="'txt' is not known"):
        write_table(ALL_TYPES, tmp_path / "a.txt")


def test_a_link_stays_a_link_and_rights_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_table(ALL_TYPES, link, overwrite=True)
    assert link.is_symlink()
    assert target.read_text().startswith("n,price")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left"):
        write_table(ALL_TYPES, path, overwrite=True)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["rows.csv"]


def test_a_missing_xlsxwriter_prints_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"racto-pipelines\[excel\]"):
        table_bytes(ALL_TYPES, "xlsx")


class _Result(TableExports):
    def _table(self) -> pl.DataFrame:
        return ALL_TYPES


def test_methods_give_text_or_write(tmp_path: Path) -> None:
    result = _Result()
    assert result.to_csv() == csv_text(ALL_TYPES)
    assert result.to_json(indent=None) == json_text(ALL_TYPES, indent=None)
    assert result.to_csv(tmp_path / "a.csv") is None
    result.to_json(tmp_path / "a.json")
    result.to_jsonl(tmp_path / "a.jsonl")
    result.to_markdown(tmp_path / "a.md", max_rows=1)
    result.to_excel(tmp_path / "a.xlsx", sheet_name="a/b:c" * 20)
    result.to_parquet(tmp_path / "a.parquet")
    assert (tmp_path / "a.csv").read_text() == csv_text(ALL_TYPES)
    with pytest.raises(ConfigurationError, match="there already"):
        result.to_parquet(tmp_path / "a.parquet")
    assert len(list(tmp_path.iterdir())) == 6


def test_methods_have_twins(tmp_path: Path) -> None:
    result = _Result()

    async def written() -> None:
        assert await result.ato_csv() == result.to_csv()
        await result.ato_json(tmp_path / "a.json")
        await result.ato_jsonl(tmp_path / "a.jsonl")
        await result.ato_markdown(tmp_path / "a.md")
        await result.ato_excel(tmp_path / "a.xlsx")
        await result.ato_parquet(tmp_path / "a.parquet")
        await awrite_table(ALL_TYPES, tmp_path / "b.json")

    asyncio.run(written())
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_pandas_comes_and_goes() -> None:
    import pandas as pd  # type: ignore[import-untyped]

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert as_frame(frame).to_dict(as_series=False) == {"a": [1, 2], "b": ["x", None]}
    grouped = pd.DataFrame({"k": ["x", "x"], "n": [1, 2]}).groupby("k").sum()
    assert as_frame(grouped).to_dict(as_series=False) == {"k": ["x"], "n": [3]}
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert as_frame(twice).columns == ["a", "a_2"]
    assert as_frame(pl.Series("s", [1])).columns == ["s"]
    assert list(_Result().to_pandas().columns) == ALL_TYPES.columns
    with pytest.raises(ConfigurationError, match="not int"):
        as_frame(7)


@given(st.timedeltas(min_value=timedelta(days=-9999), max_value=timedelta(days=9999)))
def test_durations_are_iso(value: timedelta) -> None:
    text = text_of(value)
    sign = -1 if text.startswith("-") else 1
    days, _, clock = text.lstrip("-")[1:].partition("DT")
    hours, _, rest = clock.partition("H")
    minutes, _, seconds = rest[:-1].partition("M")
    whole, _, micros = seconds.partition(".")
    read = timedelta(
        days=int(days),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(whole),
        microseconds=int((micros or "0").ljust(6, "0")),
    )
    assert read * sign == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (123456.789, "123,456.789"),
        (1234567.89, "1,234,567.89"),
        (999999.99, "999,999.99"),
        (0.1 + 0.2, "0.3"),
        (12.0, "12"),
        (1e20, "1e+20"),
        (float("nan"), ""),
    ],
)
def test_markdown_keeps_the_digits_of_amounts(value: float, shown: str) -> None:
    assert markdown_table(pl.DataFrame({"v": [value]})).splitlines()[-1] == f"| {shown} |"


def test_markdown_parts_no_year_and_no_id() -> None:
    frame = pl.DataFrame({"year": [2024], "customer_id": [12345], "revenue": [12345]})
    assert markdown_table(frame).splitlines()[1:] == [
        "| ---: | ---: | ---: |",
        "| 2024 | 12345 | 12,345 |",
    ]
