"""racto's SQL analyst beside the bare query that it asks."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from racto.core import LLMResponse
from racto.pipelines import Database, SQLAnalystPipeline

_SQL = "SELECT region, product, amount, sold_on FROM sales ORDER BY id LIMIT {}"


class _TwoLines:
    """Writes the statement, and an answer of two numbers."""

    provider = "instant"
    model = "instant-1"

    def __init__(self, sql: str) -> None:
        self._sql = LLMResponse(content=f"```sql\n{sql}\n```")
        self._answer = LLMResponse(content="Product 3 of region 4 leads with 61.25; 7 follows.")

    def chat(self, config: Any) -> LLMResponse:
        """The statement to the first request of a run, the answer to the second."""
        is_sql = config.prompt.role.startswith("You write SQL")
        return self._sql if is_sql else self._answer


def _shop(rows: int) -> str:
    path = Path(tempfile.mkdtemp(prefix="racto-bench-")) / "sales.db"
    with closing(sqlite3.connect(path)) as link:
        link.execute(
            "CREATE TABLE sales (id INTEGER PRIMARY KEY, region TEXT, product TEXT, amount REAL,"
            " sold_on DATE)"
        )
        link.executemany(
            "INSERT INTO sales VALUES (?, ?, ?, ?, ?)",
            [
                (n, f"region {n % 5}", f"product {n % 40}", n * 1.25,
                 f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}")
                for n in range(rows)
            ],
        )  # fmt: skip
        link.commit()
    return f"sqlite:///{path}"


def question(rows: int, chart: bool) -> Callable[[], None]:
    """A whole run, its rows read as dictionaries as the reference gives them."""
    where = _shop(rows)
    analyst = SQLAnalystPipeline(
        _TwoLines(_SQL.format(rows)),  # type: ignore[arg-type]
        run_pandas=False,
        chart="auto" if chart else None,
    )

    def once() -> None:
        result = analyst.run("How much did we sell?", connection_string=where)
        assert len(result.raw_rows) == rows
        assert (result.plotly_figure is not None) == chart

    return once


def bare_query(rows: int, chart: bool) -> Callable[[], None]:
    """The query alone."""
    database = Database(_shop(rows))
    sql = _SQL.format(rows)

    def once() -> None:
        assert len(database.query(sql).frame.to_dicts()) == rows

    return once
