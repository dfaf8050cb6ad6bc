"""Results: made by hand as in the reference, read, written, and kept as JSON."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from racto.core import ConfigurationError
from racto.pipelines import SQLAnalystResult

FRAME = pl.DataFrame(
    {"id": [1, 2], "price": [Decimal("1.50"), None], "on": [date(2025, 1, 1), date(2025, 1, 2)]}
)


def _result(**fields: Any) -> SQLAnalystResult:
    known = {"frame": FRAME, "columns": FRAME.columns, "row_count": 2}
    return SQLAnalystResult(user_query="?", **{**known, **fields})


def test_only_the_question_is_needed() -> None:
    empty = SQLAnalystResult(user_query="?")
    assert (empty.schema_used, empty.sql_query, empty.raw_rows, empty.row_count) == ("", "", [], 0)
    assert (empty.answer, empty.pandas_result, empty.plotly_figure, empty.error) == (None,) * 4
    assert empty.ok
    assert empty.to_polars().shape == (0, 0)


def test_rows_may_be_given_as_in_the_reference() -> None:
    made = SQLAnalystResult(user_query="?", raw_rows=[{"a": 1}, {"a": 2}])
    assert (made.columns, made.row_count) == (["a"], 2)
    assert made.to_csv() == "a\n1\n2\n"
    assert made.preview(1) == [{"a": 1}]


def test_rows_are_made_when_they_are_read() -> None:
    result = _result()
    assert result.raw_rows[0] == {"id": 1, "price": Decimal("1.50"), "on": date(2025, 1, 1)}
    assert result.raw_rows is result.raw_rows
    assert result.preview(1) == [result.raw_rows[0]]
    assert list(result.to_pandas().columns) == ["id", "price", "on"]


def test_files_are_written(tmp_path: Path) -> None:
    result = _result()
    result.to_excel(tmp_path / "r.xlsx")
    result.to_parquet(tmp_path / "r.parquet")
    assert pl.read_parquet(tmp_path / "r.parquet").equals(FRAME)
    assert result.write(tmp_path / "r.json") == tmp_path / "r.json"
    assert json.loads((tmp_path / "r.json").read_text())[0]["price"] == "1.50"
    with pytest.raises(ConfigurationError):
        result.write(tmp_path / "r.json")
    with pytest.raises(ConfigurationError):
        result.write(tmp_path / "r.doc")


@pytest.mark.parametrize(
    "left", [None, 3, {"a": [1]}, FRAME, FRAME.to_pandas(), FRAME["id"], FRAME.to_pandas()["id"]]
)
def test_everything_has_a_json(left: Any) -> None:
    told = json.loads(_result(pandas_result=left).model_dump_json())
    assert told["raw_rows"][0]["id"] == 1
    assert "frame" not in told
    if left is FRAME:
        assert told["pandas_result"][1]["id"] == 2
    back = SQLAnalystResult.model_validate(told)
    assert back.raw_rows[1]["id"] == 2
