"""What is asked of the SQL analyst: little time around the model and the database."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Side

_HOW = (
    "a question to a SQLite file, by a kit that answers at once: schema kept, SQL checked, rows "
    "fetched, answer held against them; without analysis code, which runs in a process of its own"
)
_FLOOR = "the same statement by Database.query alone, a list of dictionaries made of its rows"


def _case(rows: int, *, chart: bool, asked: str) -> Case:
    shared: dict[str, Any] = {"rows": rows, "chart": chart}
    return Case(
        name=f"a question with {rows:,} rows{', with a chart' if chart else ''}",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how=_HOW,
        given=shared,
        ours=Side(file="side_analyst.py", function="question"),
        peer=Side(file="side_analyst.py", function="bare_query"),
        peer_name=_FLOOR,
        asked=asked,
    )


ANALYST_CASES = [
    _case(50, chart=False, asked="difference <= 3"),
    _case(50, chart=True, asked="difference <= 25"),
    _case(10_000, chart=False, asked="ours <= 20"),
]
