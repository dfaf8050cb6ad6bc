"""The plain way to a bar chart: plotly.express, told the columns."""

from __future__ import annotations

from collections.abc import Callable

import plotly.express as express  # type: ignore[import-untyped]
import polars as pl


def bars(rows: int) -> Callable[[], None]:
    """Names and amounts, sorted."""
    frame = pl.DataFrame(
        {
            "customer_name": [f"Customer number {at}" for at in range(rows)],
            "revenue": [at * 3.5 for at in range(rows)],
        }
    )

    def once() -> None:
        ordered = frame.sort("revenue", descending=True)
        assert len(express.bar(ordered, x="customer_name", y="revenue").data) == 1

    return once
