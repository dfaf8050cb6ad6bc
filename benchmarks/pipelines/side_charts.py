"""Charts, checked answers and exports of racto-pipelines."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from racto.pipelines.sql_analyst.answers import check_answer
from racto.pipelines.sql_analyst.charts import draw
from racto.pipelines.sql_analyst.exports import table_bytes


def chart(rows: int) -> Callable[[], None]:
    """Names and amounts."""
    frame = pl.DataFrame(
        {
            "customer_name": [f"Customer number {at}" for at in range(rows)],
            "revenue": [Decimal(at * 350) / 100 for at in range(rows)],
        }
    )

    def once() -> None:
        assert len(draw(frame).figure.data) == 1

    return once


def line(rows: int) -> Callable[[], None]:
    """Minutes and floats."""
    chance = random.Random(7)
    begin = datetime(2026, 1, 1)
    frame = pl.DataFrame(
        {
            "at": [begin + timedelta(minutes=at) for at in range(rows)],
            "load": [chance.random() for _ in range(rows)],
        }
    )

    def once() -> None:
        assert len(draw(frame).figure.data) == 1

    return once


def check(rows: int) -> Callable[[], None]:
    """Eight columns of numbers, two of names, forty cells and a sum in the answer."""
    chance = random.Random(7)
    numbers = {f"n{at}": [chance.random() * 1000 for _ in range(rows)] for at in range(8)}
    names = {"shop": [f"shop {at % 50}" for at in range(rows)]}
    frame = pl.DataFrame(numbers | names | {"item": [f"item {at}" for at in range(rows)]})
    cells = ", ".join(f"{frame['n1'][at]:.2f}" for at in range(40))
    answer = f"They are {cells}, and {frame['n2'].sum():,.2f} in all."

    def once() -> None:
        assert check_answer(answer, frame).is_supported

    return once


def csv(rows: int) -> Callable[[], None]:
    """Texts, some like formulas, Decimals, dates and floats."""
    frame = pl.DataFrame(
        {
            "name": [f"{'=' if at % 9 == 0 else ''}name {at}" for at in range(rows)],
            "price": [Decimal(at) / 100 for at in range(rows)],
            "day": [date(2026, 1, 1) + timedelta(days=at % 365) for at in range(rows)],
            "share": [at / rows for at in range(rows)],
        }
    )

    def once() -> None:
        assert table_bytes(frame, "csv")

    return once
