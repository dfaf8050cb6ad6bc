"""The chart that is chosen: by what columns are, never taking an id or a year for a measure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from racto.pipelines.errors import ChartError
from racto.pipelines.sql_analyst.charts import ChartSpec, choose
from racto.pipelines.sql_analyst.charts.columns import column_of

DAYS = [date(2024, 1, 1) + timedelta(days=at) for at in range(6)]
CHOICES: dict[str, tuple[dict[str, list[Any]], dict[str, Any]]] = {
    "a date and a Decimal": (
        {"day": DAYS, "revenue": [Decimal("1.50")] * 6},
        {"chart_type": "line", "x": "day", "y": "revenue"},
    ),
    "dates as text": (
        {"revenue": [1.0, 2.0], "day": ["2024-01-01", "2024-01-02"]},
        {"chart_type": "line", "x": "day", "y": "revenue"},
    ),
    "times with a zone": (
        {"at": [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)], "n": [1, 2, 3]},
        {"chart_type": "line", "x": "at", "y": "n"},
    ),
    "a year and a number": (
        {"year": [2022, 2023, 2024], "sales": [5, 6, 7]},
        {"chart_type": "line", "x": "year", "y": "sales"},
    ),
    "months in words": (
        {"month": ["Feb", "Jan", "Mar"], "sales": [5, 6, 7]},
        {"chart_type": "line", "x": "month", "y": "sales"},
    ),
    "a category and a number": (
        {"city": ["Rome", "Oslo"], "people": [3, 1]},
        {"chart_type": "bar", "x": "city", "y": "people"},
    ),
    "an id and a number": (
        {"customer_id": [71, 72, 73], "revenue": [3.0, 1.0, 2.0]},
        {"chart_type": "bar", "x": "customer_id", "y": "revenue"},
    ),
    "two numbers": (
        {"height": [1.7, 1.8, 1.9], "weight": [70.0, 80.0, 90.0]},
        {"chart_type": "scatter", "x": "height", "y": "weight"},
    ),
    "one number, many times": (
        {"age": [20, 30, 40, 50, 60]},
        {"chart_type": "histogram", "x": "age", "y": None},
    ),
    "a date, a name and a number": (
        {"day": DAYS[:3] * 2, "shop": ["A"] * 3 + ["B"] * 3, "sales": [1, 2, 3, 4, 5, 6]},
        {"chart_type": "line", "x": "day", "y": "sales", "color": "shop"},
    ),
    "two names and a number": (
        {"city": ["A", "A", "B", "B"], "kind": ["x", "y", "x", "y"], "sales": [1, 2, 3, 4]},
        {"chart_type": "bar", "y": "sales"},
    ),
    "two long lists of names": (
        {
            "row": [f"r{at // 12}" for at in range(144)],
            "col": [f"c{at % 12}" for at in range(144)],
            "sales": list(range(144)),
        },
        {"chart_type": "heatmap", "color": "sales"},
    ),
    "many rows of few names": (
        {"team": ["A", "B"] * 20, "pay": [float(at) for at in range(40)]},
        {"chart_type": "box", "x": "team", "y": "pay"},
    ),
    "several measures along time": (
        {"day": DAYS, "orders": [1] * 6, "revenue": [900.0] * 6},
        {"chart_type": "line", "y": ["orders", "revenue"]},
    ),
    "years of many rows": (
        {"id": [1, 2, 3, 4], "year": [2020, 2020, 2021, 2021]},
        {"chart_type": "bar", "x": "year", "y": None},
    ),
}


@pytest.mark.parametrize("case", CHOICES, ids=list(CHOICES))
def test_a_chart_is_chosen(case: str) -> None:
    columns, expected = CHOICES[case]
    choice = choose(pl.DataFrame(columns))
    assert choice.spec is not None
    chosen = choice.spec.model_dump()
    assert {name: chosen[name] for name in expected} == expected
    assert choice.reason


@pytest.mark.parametrize(
    "columns",
    [
        {"n": []},
        {"n": [1], "m": [2]},
        {"name": ["a", "b", "c"]},
        {"id": [1, 2, 3], "year": [2020, 2021, 2022]},
        {"n": [1, 2]},
        {"parts": [[1], [2, 3]]},
        {"n": [None, None]},
    ],
    ids=["no rows", "one row", "names", "an id and a year", "two numbers", "lists", "nothing"],
)
def test_no_chart_has_a_reason(columns: dict[str, list[Any]]) -> None:
    choice = choose(pl.DataFrame(columns))
    assert choice.spec is None
    assert choice.reason


def test_a_title_alone_leaves_the_choice_to_the_data() -> None:
    choice = choose(pl.DataFrame({"city": ["a", "b"], "n": [1, 2]}), {"title": "Cities"})
    assert choice.spec is not None
    assert (choice.spec.chart_type, choice.spec.title, choice.spec.x) == ("bar", "Cities", "city")


def test_columns_are_found_whatever_their_capitals() -> None:
    choice = choose(pl.DataFrame({"CITY": ["a", "b"], "N": [1, 2]}), {"x": "city", "y": ["n"]})
    assert choice.spec is not None
    assert (choice.spec.x, choice.spec.y, choice.spec.chart_type) == ("CITY", "N", "bar")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"chart_type": "bar", "x": "nope"}, "'nope'.*'city' and 'n'"),
        ({"chart_type": "bar", "x": "n", "y": "city"}, "'city' holds text"),
        ({"chart_type": "sunburst"}, "no chart 'sunburst'"),
        ({"chart_type": "bar", "colour": "n"}, "colour"),
        ({"chart_type": "scatter", "x": "n", "y": []}, "needs a column of numbers"),
        (7, "not int"),
    ],
    ids=["no such column", "text as a measure", "no such type", "no such field", "no y", "no spec"],
)
def test_what_is_wrong_is_said(spec: Any, told: str) -> None:
    with pytest.raises(ChartError, match=told):
        choose(pl.DataFrame({"city": ["a", "b"], "n": [1, 2]}), spec)


def test_the_reference_s_specs_are_read() -> None:
    spec = ChartSpec(chart_type=" Bar ", y=["a", "b"])
    assert spec.chart_type == "bar"
    assert spec.measures == ["a", "b"]
    assert spec.model_dump()["y"] == ["a", "b"]
    assert ChartSpec(chart_type="pie").x is None


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("order_id", [1, 2], "identifier"),
        ("sku", ["a", "b"], "identifier"),
        ("rank", [1, 2], "identifier"),
        ("amount", [1, 2], "number"),
        ("fiscal_year", [Decimal("2023"), Decimal("2024")], "period"),
        ("revenue_per_year", [2000, 2100], "number"),
        ("years", [3, 4], "number"),
        ("hour", [0, 23], "period"),
        ("hour", [0, 99], "number"),
        ("month", ["01", "12"], "period"),
        ("q", ["2024-Q1", "2024-Q2"], "period"),
        ("m", ["2024-01", "2024-12"], "time"),
        ("m", ["2024-01", "2024-13"], "category"),
        ("t", ["2024-01-01 10:00:00", "2024-01-01"], "time"),
        ("who", ["May", "April"], "period"),
        ("who", ["May", "June Smith"], "category"),
        ("open", [True, False], "category"),
        ("blob", [b"1", b"2"], "none"),
        ("took", [timedelta(hours=1), timedelta(hours=2)], "number"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_the_kind_of_a_column(name: str, values: list[Any], kind: str) -> None:
    assert column_of(pl.Series(name, values)).kind == kind


def test_durations_are_told_in_hours() -> None:
    column = column_of(pl.Series("took", [timedelta(minutes=90)]))
    assert column.values.to_list() == [1.5]


def test_a_year_and_a_month_are_a_line_a_year() -> None:
    rows = {"year": [2024] * 12 + [2025] * 12, "month": [*range(1, 13)] * 2, "sales": [1] * 24}
    spec = choose(pl.DataFrame(rows)).spec
    assert spec is not None
    assert (spec.chart_type, spec.x, spec.y, spec.color) == ("line", "month", "sales", "year")
    # Of one year there is one line, and years alone lie along the axis.
    one = choose(pl.DataFrame(rows).head(12)).spec
    assert one is not None
    assert (one.x, one.color) == ("month", None)
