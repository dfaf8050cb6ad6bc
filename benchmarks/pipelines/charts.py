"""What is asked of charts, checked answers and exports: all of it in the time of a blink."""

from __future__ import annotations

from benchmarks.harness.case import Case, Side

_OURS = "side_charts.py"
_EXPRESS = Side(file="side_charts_express.py", function="bars")

CHART_CASES = [
    Case(
        name="a chart of 50 rows, chosen and drawn",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how="names and amounts as a Polars frame to a Plotly figure, sorted, cut and labelled",
        given={"rows": 50},
        ours=Side(file=_OURS, function="chart"),
        peer=_EXPRESS,
        peer_name="plotly.express.bar, told what to draw",
        asked="ours <= 20",
    ),
    Case(
        name="a chart of 10,000 rows, chosen and drawn",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how="a line of 10,000 minutes, thinned to its highs and lows",
        given={"rows": 10_000},
        quick={"rows": 1_000},
        ours=Side(file=_OURS, function="line"),
    ),
    Case(
        name="an answer checked against 10,000 rows of 10 columns",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how="41 numbers of prose, each a cell or a sum",
        given={"rows": 10_000},
        quick={"rows": 1_000},
        ours=Side(file=_OURS, function="check"),
        asked="ours <= 5",
    ),
    Case(
        name="10,000 rows to CSV, formulas guarded",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how="texts, Decimals, dates and floats",
        given={"rows": 10_000},
        quick={"rows": 1_000},
        ours=Side(file=_OURS, function="csv"),
    ),
]
