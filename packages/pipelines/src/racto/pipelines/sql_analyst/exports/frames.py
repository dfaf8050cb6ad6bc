"""Tables as they are handed in, made Polars frames: of polars, of pandas, or rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from racto.core.errors import ConfigurationError
from racto.pipelines.sql_analyst.libraries import polars

if TYPE_CHECKING:
    import polars as pl


def as_frame(table: Any) -> pl.DataFrame:
    """A table as a Polars frame.

    Args:
        table: A ``polars.DataFrame``, which is returned as it is, a ``polars.Series``, a
            ``pandas.DataFrame`` or ``Series``, or a sequence of dictionaries, one a row.

    Raises:
        ConfigurationError: If it is something else, or its values do not go into columns.
        MissingExtraError: If polars is not installed.
    """
    origin = type(table).__module__.partition(".")[0]
    try:
        if origin == "polars":
            return _of_polars(table)
        if origin == "pandas":
            return _of_pandas(table)
        if isinstance(table, Sequence) and all(isinstance(row, dict) for row in table):
            # A column may begin with whole numbers and go on with fractions.
            made = polars().DataFrame(list(table), infer_schema_length=None, strict=False)
            return cast("pl.DataFrame", made)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(f"the table does not go into columns: {error}") from error
    raise ConfigurationError(f"a frame of polars or pandas is needed, not {type(table).__name__}")


def _of_polars(table: Any) -> pl.DataFrame:
    if hasattr(table, "collect"):
        return cast("pl.DataFrame", table.collect())
    if hasattr(table, "to_frame"):
        return cast("pl.DataFrame", table.to_frame())
    return cast("pl.DataFrame", table)


def _of_pandas(table: Any) -> pl.DataFrame:
    if not hasattr(table, "columns"):
        table = table.to_frame()
    # A grouped frame keeps its keys in the index; a plain count of rows tells nothing.
    if any(name is not None for name in table.index.names):
        table = table.reset_index()
    columns: dict[str, Any] = {}
    for position, label in enumerate(table.columns):
        values = table.iloc[:, position]
        columns[_fresh(_label(label), columns)] = polars().Series(
            # NaN, NaT and NA all say that there is nothing.
            [
                None if missing else value
                for value, missing in zip(values, values.isna(), strict=True)
            ],
            strict=False,
        )
    return cast("pl.DataFrame", polars().DataFrame(columns))


def _label(label: Any) -> str:
    return " ".join(str(part) for part in label) if isinstance(label, tuple) else str(label)


def _fresh(name: str, taken: dict[str, Any]) -> str:
    fresh, count = name, 1
    while fresh in taken:
        count += 1
        fresh = f"{name}_{count}"
    return fresh
