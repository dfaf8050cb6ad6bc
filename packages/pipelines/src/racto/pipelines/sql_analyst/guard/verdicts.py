"""What the guard says of a statement that it passed: where each result column comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

ANY_COLUMN = "*"
"""The name of a column that is not known: it may be any column of its table."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ColumnOrigin:
    """One column of one base table that flows into a value or a condition.

    Args:
        table: The table as the schema, or else the statement, names it, parts joined by dots
            (``"orders"``, ``"public.orders"``), without quotes.
        column: Its column, or `ANY_COLUMN` where no schema says which one it is.
    """

    table: str
    column: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputColumn:
    """One column of the result, in the order of the result.

    Args:
        name: Its name; empty where the database chooses one; ``"*"`` for a star that no schema
            resolves (one entry then stands for any number of columns).
        origins: Every base column whose value flows into it, through aliases, expressions,
            functions, subqueries, CTEs and views; empty for a constant and for ``count(*)``.
        verbatim: The value of exactly one base column, unchanged.
    """

    name: str
    origins: frozenset[ColumnOrigin] = frozenset()
    verbatim: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A statement that may run, and what it reads.

    Args:
        sql: The text to send: the tokens that were checked, without comments or the semicolon.
        kind: ``"select"``, ``"set"`` (UNION, INTERSECT, EXCEPT) or ``"values"``.
        tables: Base tables and views that it names, dotted and without quotes.
        outputs: The columns of the result.
        complete: ``outputs`` has one entry per result column: no star is left unresolved.
        conditions: Columns that decide which rows come, and in which order, at any depth: in
            WHERE, ON, USING, GROUP BY, HAVING, QUALIFY, ORDER BY, windows, DISTINCT ON.
        functions: Names of the functions that it calls, in lower case.
        max_rows: The guard's cap on rows for whoever fetches them, or None.
    """

    sql: str
    kind: str
    tables: frozenset[str] = frozenset()
    outputs: tuple[OutputColumn, ...] = ()
    complete: bool = True
    conditions: frozenset[ColumnOrigin] = frozenset()
    functions: frozenset[str] = frozenset()
    max_rows: int | None = None

    @property
    def origins(self) -> frozenset[ColumnOrigin]:
        """Every base column that is read, in a result or in a condition."""
        return frozenset().union(self.conditions, *(column.origins for column in self.outputs))


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSchema:
    """What the guard needs to know of one table or view to resolve stars and bare names.

    Args:
        columns: Its columns in order, as the database spells them.
        definition: For a view: the SELECT that defines it, in the guard's dialect, so that
            columns are followed through it; empty for a base table.
    """

    columns: tuple[str, ...] = field(default=())
    definition: str = ""
