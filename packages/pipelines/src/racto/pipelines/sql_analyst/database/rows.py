"""What a query brought back: a typed Polars frame, and whether there was more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryRows:
    """The rows of one query, as columns.

    Args:
        frame: One Polars column a result column, typed, of shape (row_count, columns).
        columns: Names of the frame's columns; a name that came twice reads ``id``, ``id_2``.
        source_columns: The names as the database gave them, by position.
        types: The database's own name for each column's type; "" where it tells none.
        truncated_by: ``"rows"`` or ``"bytes"`` when there was more than the limits let through,
            else "".
        masked: Names of the frame's columns whose values were masked.
        byte_count: Bytes of values fetched, as :class:`QueryLimits` counts them.
        elapsed_s: Seconds from sending the statement to the last row.
    """

    frame: pl.DataFrame
    columns: tuple[str, ...]
    source_columns: tuple[str, ...]
    types: tuple[str, ...] = ()
    truncated_by: str = ""
    masked: tuple[str, ...] = ()
    byte_count: int = 0
    elapsed_s: float = 0.0

    @property
    def row_count(self) -> int:
        """Number of rows fetched."""
        return self.frame.height

    @property
    def truncated(self) -> bool:
        """Whether the database had more rows than the limits let through."""
        return bool(self.truncated_by)


def distinct_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Keep columns of one name apart: ``("id", "id", "")`` reads ``("id", "id_2", "column_3")``.

    A name that the query itself gave is never taken for another column.
    """
    # Names the query wrote once stay as they are, whatever the others must become.
    given, taken = set(names), set[str]()
    made: list[str] = []
    for position, name in enumerate(names, 1):
        chosen = name or f"column_{position}"
        count = 1
        while chosen in taken or (count > 1 and chosen in given):
            count += 1
            chosen = f"{name or 'column'}_{count}"
        taken.add(chosen)
        made.append(chosen)
    return tuple(made)
