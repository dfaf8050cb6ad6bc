"""Figures: all ten types, summed up and cut honestly, from frames of any kind."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, strategies as st

from racto.pipelines.errors import ChartError
from racto.pipelines.sql_analyst.charts import CHART_TYPES, draw

SALES = pl.DataFrame(
    {
        "month": [f"2024-{month:02}" for month in range(1, 7)] * 2,
        "region": ["North"] * 6 + ["South"] * 6,
        "sales": [Decimal(at) for at in range(12)],
        "cost": [float(at) / 2 for at in range(12)],
    }
)


def _drawn(frame: Any, spec: Any = "auto") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(draw(frame, spec).figure.to_json())
    return content


@pytest.mark.parametrize("kind", CHART_TYPES)
def test_every_type_is_drawn_from_its_name_alone(kind: str) -> None:
    chart = draw(SALES, kind)
    assert chart.spec is not None
    assert chart.spec.chart_type == kind
    drawn = "scatter" if kind in ("line", "area") else kind
    assert {trace.type for trace in chart.figure.data} == {drawn}
    assert chart.figure.layout.title.text


@pytest.mark.parametrize("kind", CHART_TYPES)
def test_every_type_is_drawn_with_holes_in_the_rows(kind: str) -> None:
    holes = pl.DataFrame(
        {
            "name": ["a", None, "b", "a", None],
            "n": [1.0, 2.0, None, float("nan"), float("inf")],
            "m": [None, 1, 2, 3, 4],
        }
    )
    content = json.dumps(_drawn(holes, kind))
    assert "NaN" not in content
    assert "Infinity" not in content


def test_bars_are_sorted_and_the_small_ones_added_up() -> None:
    frame = pl.DataFrame({"name": [f"n{at}" for at in range(30)], "amount": list(range(30))})
    chart = draw(frame, {"chart_type": "bar", "top": 3, "orientation": "v"})
    trace = chart.figure.data[0]
    assert list(trace.x) == ["n29", "n28", "n27", "Other (27)"]
    assert list(trace.y) == [29, 28, 27, sum(range(27))]
    assert "3 largest of 30" in chart.notes[0]
    assert "3 largest of 30" in chart.figure.layout.title.subtitle.text


def test_averages_are_never_added_up() -> None:
    frame = pl.DataFrame({"name": [f"n{at}" for at in range(30)], "avg_price": [1.0] * 30})
    chart = draw(frame, {"chart_type": "bar", "top": 3})
    assert not any("Other" in str(name) for name in chart.figure.data[0].y)
    twice = pl.DataFrame({"name": ["a", "a", "b"], "avg_price": [1.0, 3.0, 5.0]})
    assert sorted(draw(twice, "bar").figure.data[0].y) == [2.0, 5.0]


def test_repeated_dates_are_added_up_and_said_so() -> None:
    frame = pl.DataFrame({"day": [date(2024, 1, 1)] * 2 + [date(2024, 1, 2)], "n": [1, 2, 4]})
    chart = draw(frame)
    assert list(chart.figure.data[0].x) == ["2024-01-01", "2024-01-02"]
    assert list(chart.figure.data[0].y) == [3, 4]
    assert chart.notes == ("sum of n over 3 rows",)


def test_a_line_goes_along_time_whatever_the_order_of_the_rows() -> None:
    frame = pl.DataFrame({"month": ["Mar", "Jan", "Feb"], "n": [3, 1, 2]})
    assert list(draw(frame).figure.data[0].x) == ["Jan", "Feb", "Mar"]


def test_the_largest_series_are_drawn_and_the_others_named() -> None:
    frame = pl.DataFrame(
        {
            "day": [date(2024, 1, 1) + timedelta(days=at % 3) for at in range(60)],
            "shop": [f"shop {at // 3}" for at in range(60)],
            "n": list(range(60)),
        }
    )
    chart = draw(frame)
    assert [trace.name for trace in chart.figure.data] == [f"shop {at}" for at in range(19, 11, -1)]
    assert "8 largest of 20" in chart.notes[-1]


def test_long_lines_keep_their_spikes() -> None:
    values = [0.0] * 50_000
    values[31_234] = 99.0
    values[7] = -99.0
    frame = pl.DataFrame(
        {"at": [datetime(2024, 1, 1) + timedelta(minutes=at) for at in range(50_000)]}
    )
    chart = draw(frame.with_columns(pl.Series("n", values)), {"max_points": 500})
    drawn = list(chart.figure.data[0].y)
    assert len(drawn) <= 500
    assert (max(drawn), min(drawn)) == (99.0, -99.0)
    assert "50,000 points" in chart.notes[-1]


def test_many_points_are_a_sample_with_the_extremes() -> None:
    frame = pl.DataFrame({"a": [float(at) for at in range(20_000)], "b": [1.0] * 20_000})
    chart = draw(frame, {"chart_type": "scatter", "max_points": 100})
    xs = list(chart.figure.data[0].x)
    assert len(xs) <= 100
    assert {0.0, 19_999.0} <= set(xs)
    assert "of 20,000 points" in chart.notes[0]
    assert list(draw(frame, {"chart_type": "scatter", "max_points": 100}).figure.data[0].x) == xs


def test_measures_of_unlike_sizes_stand_one_above_the_other() -> None:
    frame = pl.DataFrame({"city": ["a", "b"], "orders": [1, 2], "revenue": [9000.0, 8000.0]})
    figure = draw(frame).figure
    assert [trace.yaxis for trace in figure.data] == ["y", "y2"]
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]


def test_huge_spans_are_logarithmic_and_ids_and_years_stay_names() -> None:
    frame = pl.DataFrame({"city": list("abcde"), "people": [1, 2, 3, 4, 90_000]})
    chart = draw(frame)
    assert chart.figure.layout.yaxis.type == "log"
    assert "logarithmic scale" in chart.notes
    years = draw(pl.DataFrame({"year": [2023, 2024], "sales": [5, 6]})).figure
    assert years.layout.xaxis.type == "category"


def test_zones_are_told_and_the_clock_stays() -> None:
    zone = ZoneInfo("Europe/Berlin")
    frame = pl.DataFrame(
        {"at": [datetime(2024, 7, 1, hour, tzinfo=zone) for hour in (8, 9)], "n": [1, 2]}
    )
    figure = draw(frame).figure
    assert list(figure.data[0].x) == ["2024-07-01T08:00:00.000", "2024-07-01T09:00:00.000"]
    assert figure.layout.xaxis.title.text == "At (Europe/Berlin)"


@given(st.lists(st.integers(-1000, 1000) | st.floats(-1e6, 1e6), min_size=5, max_size=300))
def test_a_histogram_counts_every_row(values: list[float]) -> None:
    trace = draw(pl.DataFrame({"n": pl.Series(values, dtype=pl.Float64)}), "histogram").figure.data[
        0
    ]
    assert sum(trace.y) == len(values)
    bins = trace.xbins
    assert bins.start <= min(values)
    assert bins.end >= max(values)
    # Each count lies in a step of its own, or plotly would draw them as one.
    assert len({(x - bins.start) // bins.size for x in trace.x}) == len(trace.x)


def test_boxes_of_many_rows_come_as_five_numbers() -> None:
    frame = pl.DataFrame({"team": ["A", "B"] * 5_000, "pay": [float(at) for at in range(10_000)]})
    trace = draw(frame, {"chart_type": "box", "max_points": 100}).figure.data[0]
    assert list(trace.x) == ["B", "A"]
    assert list(trace.median) == [5000.0, 4999.0]
    assert trace.y is None


def test_a_heatmap_has_a_cell_for_each_pair() -> None:
    frame = pl.DataFrame({"a": ["x", "x", "y"], "b": ["p", "q", "p"], "n": [5, 2, -1]})
    trace = draw(frame, "heatmap").figure.data[0]
    cells = {
        (across, down): trace.z[row][column]
        for row, down in enumerate(trace.y)
        for column, across in enumerate(trace.x)
    }
    assert cells == {("x", "p"): 5, ("x", "q"): 2, ("y", "p"): -1, ("y", "q"): None}
    assert trace.zmid == 0


@pytest.mark.parametrize("values", [[-1, 2], [0, 0]], ids=["negative", "nothing"])
def test_a_pie_of_no_shares_is_refused(values: list[int]) -> None:
    with pytest.raises(ChartError, match="shares of a whole"):
        draw(pl.DataFrame({"name": ["a", "b"], "n": values}), "pie")


def test_frames_of_pandas_and_rows_are_drawn_alike() -> None:
    import pandas as pd  # type: ignore[import-untyped]

    rows = [{"day": date(2024, 1, at), "n": Decimal(at)} for at in (1, 2, 3)]
    for table in (rows, pd.DataFrame(rows), pl.DataFrame(rows)):
        figure = draw(table).figure
        assert list(figure.data[0].x) == ["2024-01-01", "2024-01-02", "2024-01-03"]
        assert list(figure.data[0].y) == [1, 2, 3]


def test_no_figure_is_told_and_not_written() -> None:
    chart = draw([{"n": 1}])
    assert chart.figure is None
    assert chart.spec is None
    with pytest.raises(ChartError, match="one row"):
        chart.to_bytes("json")
    with pytest.raises(ChartError, match="no rows to draw"):
        draw(pl.DataFrame({"a": [], "n": []}, schema={"a": pl.String, "n": pl.Int64}), "bar")


def test_labels_and_titles_of_the_user_stand() -> None:
    figure = draw(
        pl.DataFrame({"city": ["a", "b"], "n": [1, 2]}),
        {"chart_type": "bar", "title": "T", "x_label": "X", "y_label": "Y"},
    ).figure
    assert figure.layout.title.text == "T"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("X", "Y")


def test_rows_without_a_place_on_the_axis_are_told() -> None:
    frame = pl.DataFrame({"day": [date(2025, 1, 1), None, date(2025, 1, 3)], "n": [1, 999, 3]})
    assert draw(frame).notes == ("1 of 3 rows has no day and is left out",)
    frame = pl.DataFrame(
        {"day": [None, None, date(2025, 1, 3), date(2025, 1, 4)], "n": [1, 9, 3, 4]}
    )
    assert draw(frame).notes == ("2 of 4 rows have no day and are left out",)


@pytest.mark.parametrize("name", ["conversion", "ctr", "churn", "aov", "nps"])
def test_shares_are_averaged_and_never_added(name: str) -> None:
    frame = pl.DataFrame({"channel": ["a", "a", "b", "b"], name: [0.1, 0.2, 0.3, 0.4]})
    assert "mean of" in draw(frame).notes[0]
