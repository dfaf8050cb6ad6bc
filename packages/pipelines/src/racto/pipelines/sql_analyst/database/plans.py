"""What a query would cost, asked of the planner before it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racto.pipelines.errors import QueryError, QueryLimitError

if TYPE_CHECKING:
    from .sessions import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanEstimate:
    """What the planner expects.

    Args:
        cost: In the database's own unit, which ``unit`` names.
        unit: ``"cost"`` (PostgreSQL, MySQL, MariaDB with a cost) or ``"rows"``.
        rows: Rows of the result, where the planner tells; else None.
    """

    cost: float
    unit: str
    rows: float | None = None


def within(plan: PlanEstimate, ceiling: float) -> None:
    """Let a plan pass that costs no more than the ceiling.

    Raises:
        QueryLimitError: If it costs more; tells both figures.
    """
    if plan.cost > ceiling:
        raise QueryLimitError(
            f"The planner expects {plan.cost:g} {plan.unit} for this query, and max_plan_cost is "
            f"{ceiling:g}. Narrow it: fewer tables, a condition on an index, or a join condition"
        )


def estimated(session: Session, sql: str) -> PlanEstimate:
    """Ask the planner of a session's database what a query would cost."""
    wanted = session.wall.admit(session, sql)
    dialect = session.address.family.name
    if dialect == "sqlite":
        return _of_sqlite(session, wanted)
    if dialect not in _ASKING:
        raise QueryError(f"{session.address} has no planner that can be asked for a cost")
    told = session.ask(_ASKING[dialect].format(sql=wanted))
    if told is None:
        raise QueryError(f"{session.address} told no plan for the query")
    found = told[-1] if dialect == "duckdb" else told[0]
    plan = json.loads(found) if isinstance(found, str | bytes) else found
    return _READING[dialect](plan)


_ASKING = {
    "postgres": "EXPLAIN (FORMAT JSON) {sql}",
    "mysql": "EXPLAIN FORMAT=JSON {sql}",
    "duckdb": "EXPLAIN (FORMAT JSON) {sql}",
}


def _of_postgres(plan: Any) -> PlanEstimate:
    top = plan[0]["Plan"]
    return PlanEstimate(cost=float(top["Total Cost"]), unit="cost", rows=float(top["Plan Rows"]))


def _of_mysql(plan: Any) -> PlanEstimate:
    costs, rows = list[float](), 1.0
    for node in _nodes(plan):
        told = node.get("cost_info") or {}
        costs += _numbers(node.get("cost"), node.get("query_cost"), told.get("query_cost"))
        for read in _numbers(node.get("rows", node.get("rows_examined_per_scan"))):
            # Tables of a join are read for each row of those before them.
            share = next(iter(_numbers(node.get("filtered"))), 100.0) / 100.0
            rows *= max(1.0, read * share)
    if costs:
        return PlanEstimate(cost=max(costs), unit="cost", rows=rows)
    # MariaDB tells costs since version 11 only.
    return PlanEstimate(cost=rows, unit="rows", rows=rows)


def _of_duckdb(plan: Any) -> PlanEstimate:
    told = [(node.get("extra_info") or {}).get("Estimated Cardinality") for node in _nodes(plan)]
    rows = _numbers(*told)
    return PlanEstimate(cost=sum(rows), unit="rows", rows=rows[0] if rows else None)


def _of_sqlite(session: Session, sql: str) -> PlanEstimate:
    """Rows that its nested loops would look at: it has a plan and tells no cost."""
    cursor = session.raw.cursor()
    cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
    steps = [str(row[3]) for row in cursor.fetchall()]
    cursor.close()
    cost = 1.0
    tables = _tables_by_alias(sql)
    for told in steps:
        if found := _SCANNED.match(told):
            cost *= max(1, _rows_of(session, tables.get(found[1].casefold(), "")))
    return PlanEstimate(cost=cost, unit="rows")


# A SEARCH uses an index and looks at few rows; a SCAN looks at all of them.
_SCANNED = re.compile(r"SCAN (?:TABLE )?(\S+)")
_COUNTED = 1_000_000


def _tables_by_alias(sql: str) -> dict[str, str]:
    """The plan names tables by their aliases alone."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(sql, dialect="sqlite")
    except SqlglotError:
        return {}
    return {table.alias_or_name.casefold(): table.name for table in tree.find_all(exp.Table)}


def _rows_of(session: Session, table: str) -> int:
    name = table.replace("'", "''")
    known = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{name}'"  # noqa: S608 - escaped
    if not session.ask(known):
        return 1
    quoted = table.replace('"', '""')
    rows = f'SELECT 1 FROM "{quoted}" LIMIT {_COUNTED}'  # noqa: S608 - escaped
    told = session.ask(f"SELECT count(*) FROM ({rows})")  # noqa: S608 - escaped
    return int(told[0]) if told else 1


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    if isinstance(plan, dict):
        yield plan
        for value in plan.values():
            yield from _nodes(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _nodes(value)


def _numbers(*told: Any) -> list[float]:
    """What of some values is a number, or the text of one."""
    return [
        float(value)
        for value in told
        if isinstance(value, int | float)
        or (isinstance(value, str) and value.replace(".", "", 1).isdigit())
    ]


_READING = {"postgres": _of_postgres, "mysql": _of_mysql, "duckdb": _of_duckdb}
