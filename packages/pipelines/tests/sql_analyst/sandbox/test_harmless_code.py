"""Harmless code passes the checker and runs: every piece of two corpora, for real."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

from racto.pipelines.sql_analyst.sandbox import AnalysisSandbox

from .corpora import Snippet, corpus, sales

POLARS, PANDAS = corpus("harmless_polars"), corpus("harmless_pandas")


@pytest.mark.parametrize("snippet", POLARS, ids=lambda s: s.name)
def test_code_for_polars_runs(snippet: Snippet, polars_sandbox: AnalysisSandbox) -> None:
    done = polars_sandbox.run(snippet.code, sales())
    assert (done.value is None) == (snippet.name == "none_result")


@pytest.mark.parametrize("snippet", PANDAS, ids=lambda s: s.name)
def test_code_for_pandas_runs(snippet: Snippet, pandas_sandbox: AnalysisSandbox) -> None:
    assert pandas_sandbox.run(snippet.code, sales()).value is not None


def value(sandbox: AnalysisSandbox, corpus: list[Snippet], name: str) -> object:
    code = next(s.code for s in corpus if s.name == name)
    return sandbox.run(code, sales()).value


def test_frames_of_polars_arrive_as_they_left(polars_sandbox: AnalysisSandbox) -> None:
    found = value(polars_sandbox, POLARS, "group_by_sum")
    wanted = sales().group_by("region").agg(pl.col("amount").sum().alias("total"))
    assert isinstance(found, pl.DataFrame)
    assert found.equals(wanted.sort("total", descending=True))


def test_frames_of_pandas_keep_index_and_labels(pandas_sandbox: AnalysisSandbox) -> None:
    frame = sales().to_pandas()
    found = value(pandas_sandbox, PANDAS, "group_by_multi_index")
    wanted = frame.groupby(["region", "product"])[["amount", "units"]].mean()
    pd.testing.assert_frame_equal(found, wanted)
    found = value(pandas_sandbox, PANDAS, "group_by_several_functions")
    assert isinstance(found, pd.DataFrame)
    assert list(found.columns) == [("amount", "sum"), ("amount", "mean"), ("units", "max")]
    found = value(pandas_sandbox, PANDAS, "value_counts")
    pd.testing.assert_series_equal(found, frame["product"].value_counts(), check_dtype=False)


def test_scalars_keep_their_types(polars_sandbox: AnalysisSandbox) -> None:
    found = polars_sandbox.run(
        "import datetime as d\nfrom decimal import Decimal\n"
        "zone = d.timezone(d.timedelta(hours=2))\n"
        "result = {'i': 2**80, 'f': 0.1, 'n': float('nan'), 'm': Decimal('1.20'),\n"
        "  'd': d.date(2024, 2, 29), 't': d.datetime(2024, 1, 1, 12, tzinfo=zone),\n"
        "  'c': d.time(1, 2, 3), 's': d.timedelta(days=-1, microseconds=5), 'b': b'\\x00',\n"
        "  'l': [(1, 'x'), None, True], 1: 2, d.date(2024, 1, 1): 'day', 'np': np.int64(3)}",
        sales(),
    ).value
    assert math.isnan(found.pop("n"))
    zone = dt.timezone(dt.timedelta(hours=2))
    assert found == {
        "i": 2**80,
        "f": 0.1,
        "m": Decimal("1.20"),
        "d": dt.date(2024, 2, 29),
        "t": dt.datetime(2024, 1, 1, 12, tzinfo=zone),
        "c": dt.time(1, 2, 3),
        "s": dt.timedelta(days=-1, microseconds=5),
        "b": b"\x00",
        "l": [[1, "x"], None, True],
        1: 2,
        dt.date(2024, 1, 1): "day",
        "np": 3,
    }
    assert str(found["m"]) == "1.20"


def test_columns_keep_their_types(polars_sandbox: AnalysisSandbox) -> None:
    frame = pl.DataFrame(
        {
            "text": ["a", None, "ü" * 40],
            "day": [dt.date(2024, 1, 1), None, dt.date(1900, 1, 1)],
            "at": [dt.datetime(2024, 1, 1, 5), None, dt.datetime(1999, 1, 1)],
            "long": [dt.timedelta(days=1), None, dt.timedelta(0)],
            "clock": [dt.time(1), None, dt.time(2)],
            "money": [Decimal("1.25"), None, Decimal("-3.00")],
            "flag": [True, None, False],
            "raw": [b"\x00", None, b"x"],
            "list": [[1, 2], None, []],
            "inner": [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}],
            "nothing": [None, None, None],
        }
    ).with_columns(
        zoned=pl.col("at").dt.replace_time_zone("Europe/Paris"),
        small=pl.Series([1, 2, 3], dtype=pl.UInt8),
        single=pl.Series([1.5, None, 2.5], dtype=pl.Float32),
        pair=pl.Series([[1, 2], [3, 4], None], dtype=pl.Array(pl.Int64, 2)),
    )
    for pieces in (frame, frame.head(0)):
        assert polars_sandbox.run("result = df", pieces).value.equals(pieces)
        assert polars_sandbox.run("result = df", pieces).value.schema == pieces.schema


def test_frames_inside_of_a_dictionary(polars_sandbox: AnalysisSandbox) -> None:
    found = value(polars_sandbox, POLARS, "mixed_dictionary")
    assert isinstance(found, dict)
    assert found["frame"].equals(sales().head(1))
    assert found["series"].equals(sales()["units"])
    assert found["nested"] == {"a": [1, 2.5, "x"]}


def test_what_is_printed_comes_along(polars_sandbox: AnalysisSandbox) -> None:
    done = polars_sandbox.run("print('rows:', df.height)\nresult = 1", sales())
    assert (done.printed, done.dropped, done.value) == ("rows: 12\n", 0, 1)


def test_a_frame_of_pandas_keeps_its_index(pandas_sandbox: AnalysisSandbox) -> None:
    frame = sales().to_pandas().set_index("region")[["units"]]
    pd.testing.assert_frame_equal(pandas_sandbox.run("result = df", frame).value, frame)
