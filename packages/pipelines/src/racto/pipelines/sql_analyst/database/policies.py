"""Who may see which tables and columns: matched by origin, never by the name a result bears."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.guard.verdicts import ANY_COLUMN

if TYPE_CHECKING:
    import polars as pl

    from racto.pipelines.sql_analyst.guard.verdicts import Verdict

MASKED = "***MASKED***"
"""What stands in place of a masked value; NULL stays NULL."""

Origin = tuple[str, str]
"""A column of a table in the database: ``(table, column)``; the table may bear its schema."""

_QUOTES = {ord(mark): None for mark in '"`[]'}


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessPolicy:
    """What a question may touch.

    Names match without regard to case on every dialect: a rule that protects too much is mended
    in a minute, and one that a capital letter evades is not noticed. ``column`` protects it in
    every table, ``table.column`` in one, ``schema.table.column`` in one of one schema.

    Args:
        allowed_tables: Tables and views that may be read (``table`` or ``schema.table``); None
            allows all.
        blocked_columns: Columns that no query may name, nor a star bring.
        mask_columns: Columns whose values come back as ``***MASKED***``, also through aliases,
            expressions, functions, stars and views, and which may not stand in a condition.
        table_docs: What a table means, for the prompt.
        column_docs: What a column means, by table.
    """

    allowed_tables: tuple[str, ...] | None = None
    blocked_columns: tuple[str, ...] = ()
    mask_columns: tuple[str, ...] = ()
    table_docs: Mapping[str, str] = field(default_factory=dict)
    column_docs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Equal for policies that allow and say the same, different otherwise."""
        told = {
            "allowed": None if self.allowed_tables is None else _sorted(self.allowed_tables),
            "blocked": _sorted(self.blocked_columns),
            "masked": _sorted(self.mask_columns),
            "tables": dict(self.table_docs),
            "columns": {table: dict(docs) for table, docs in self.column_docs.items()},
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def allows(self, table: str, default_schema: str = "") -> bool:
        """Whether a table or view may be read.

        Args:
            table: Its name, with its schema where that is not the default one.
            default_schema: What a name without a schema stands for, in the rules and in
                ``table``; a rule ``orders`` does not open ``secret.orders``.
        """
        if self.allowed_tables is None:
            return True
        wanted = _placed(table, default_schema)
        return any(_placed(rule, default_schema) == wanted for rule in self.allowed_tables)

    def blocks(self, table: str, column: str) -> bool:
        """Whether a column may not be read at all."""
        return _covers(self.blocked_columns, table, column)

    def masks(self, table: str, column: str) -> bool:
        """Whether a column's values must not be shown."""
        return _covers(self.mask_columns, table, column)

    def masked_positions(self, origins: Sequence[Collection[Origin]]) -> tuple[int, ...]:
        """Which result columns draw on a masked column.

        Args:
            origins: For each result column, in order, the columns of tables that it draws on,
                as ``ReadOnlySQLGuard`` finds them.
        """
        return tuple(
            position
            for position, drawn in enumerate(origins)
            if any(self.masks(table, column) for table, column in drawn)
        )

    def masked_among(self, origins: Iterable[Origin]) -> tuple[str, ...]:
        """The masked columns among some, as ``table.column``, for those that a condition names."""
        found = {f"{t}.{c}" if t else c for t, c in origins if self.masks(t, c)}
        return tuple(sorted(found))

    def enforce(self, verdict: Verdict) -> tuple[int, ...]:
        """Hold masks against a statement that the guard has passed.

        A masked column may be selected. It may not decide which rows come, nor their order or
        number: whoever can ask ``WHERE ssn LIKE '1%'`` often enough knows it in the end.

        Args:
            verdict: What the guard found.

        Returns:
            The positions of result columns to mask, for ``Database.query(masked=...)``.

        Raises:
            ReadOnlyViolationError: If a masked column stands in a condition, a join, a grouping
                or an order, or a star hides which columns come.
        """
        if not self.mask_columns:
            return ()
        used = self.masked_among((each.table, each.column) for each in verdict.conditions)
        if used:
            raise ReadOnlyViolationError(
                f"The masked column {used[0]} stands in a condition, join, grouping or order, "
                "where its values could be guessed; it may only be selected",
                part=used[0],
                rule="mask",
            )
        if not verdict.complete:
            raise ReadOnlyViolationError(
                "A star cannot be resolved, so that masks cannot be placed; name the columns",
                part="*",
                rule="mask",
            )
        return self.masked_positions(
            [[(each.table, each.column) for each in output.origins] for output in verdict.outputs]
        )


def mask_frame(frame: pl.DataFrame, positions: Collection[int]) -> pl.DataFrame:
    """Put ``***MASKED***`` in place of every value of some columns; NULL stays NULL.

    Args:
        frame: The rows.
        positions: Columns to mask, counted from 0; they become text.
    """
    if not positions:
        return frame
    # Built from what is null alone: the values themselves are read by nothing.
    return frame.with_columns([_masked(frame.to_series(place)) for place in set(positions)])


def _masked(series: pl.Series) -> pl.Series:
    shown = series.is_null().replace_strict({True: None, False: MASKED})
    return shown.cast(str).alias(series.name)


def _fold(name: str) -> str:
    return name.strip().translate(_QUOTES).casefold()


def _sorted(rules: Iterable[str]) -> list[str]:
    return sorted(map(_fold, rules))


def _placed(table: str, default_schema: str) -> list[str]:
    path = _fold(table).split(".")
    return path if len(path) > 1 or not default_schema else [_fold(default_schema), *path]


def _same_table(rule: str, table: str) -> bool:
    wanted, found = _fold(rule).split("."), _fold(table).split(".")
    # Where one of the two does not tell the schema, the names they both tell decide.
    shared = min(len(wanted), len(found))
    return wanted[-shared:] == found[-shared:]


def _covers(rules: Iterable[str], table: str, column: str) -> bool:
    for rule in rules:
        path, _, name = _fold(rule).rpartition(".")
        # An origin of * is a column that nobody could name: it may be the protected one.
        if (column == ANY_COLUMN or name == _fold(column)) and (
            not path or not table or _same_table(path, table)
        ):
            return True
    return False
