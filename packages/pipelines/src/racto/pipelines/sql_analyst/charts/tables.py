"""Rows made ready for marks: summed up where names repeat, cut to what an eye can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racto.pipelines.sql_analyst.libraries import polars

from .columns import Column
from .wording import plain, readable

if TYPE_CHECKING:
    import polars as pl

NOTHING = "(none)"
"""Stands for NULL on an axis of names."""

X, COLOR = "x", "color"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows under short names, and what was done to them.

    Attributes:
        frame: Columns ``x``, ``color`` if there is one, and ``0``, ``1``, ... for the measures.
        titles: A title for each measure.
        notes: Sentences on what was summed up or left out.
    """

    frame: pl.DataFrame
    titles: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """Names of the columns that are no measures."""
        return [name for name in (X, COLOR) if name in self.frame.columns]

    @property
    def measures(self) -> list[str]:
        """Names of the measures' columns."""
        return [str(place) for place in range(len(self.titles))]


def gathered(x: Column, measures: list[Column], color: Column | None = None) -> Table:
    """One row for each x and colour: repeated ones are added up, or averaged where a sum is void.

    Args:
        x: The column along the axis.
        measures: Columns of numbers; none counts rows.
        color: The column that parts the rows.
    """
    pl = polars()
    table = table_of(x, measures, color)
    titles = table.titles
    frame, keys = table.frame, table.keys
    if not measures:
        counted = frame.group_by(keys, maintain_order=True).len("0")
        return Table(frame=counted, titles=("Rows",), notes=table.notes)
    if not frame.select(keys).is_duplicated().any():
        return table
    made, notes = [], []
    for place, column in enumerate(measures):
        value = pl.col(str(place))
        # The sum of nothing is nothing, not zero.
        total = pl.when(value.count() > 0).then(value.sum())
        made.append((total if column.is_additive else value.mean()).alias(str(place)))
        how = "sum" if column.is_additive else "mean"
        notes.append(f"{how} of {titles[place].lower()}")
    merged = frame.group_by(keys, maintain_order=True).agg(made)
    note = f"{', '.join(notes)} over {frame.height:,} rows"
    return Table(frame=merged, titles=titles, notes=(*table.notes, note))


def table_of(x: Column, measures: list[Column], color: Column | None = None) -> Table:
    """The rows as they are, under short names."""
    columns = [named(x).alias(X)]
    columns += [named(color).alias(COLOR)] if color else []
    columns += [numbers_of(column).alias(str(place)) for place, column in enumerate(measures)]
    frame = polars().DataFrame(columns)
    # A place on an axis of times or numbers cannot be NULL.
    if lost := frame[X].null_count():
        frame = frame.filter(frame[X].is_not_null())
    titles = tuple(readable(column.name) for column in measures)
    return Table(frame=frame, titles=titles, notes=_left_out(lost, x))


def _left_out(lost: int, x: Column) -> tuple[str, ...]:
    if not lost:
        return ()
    verbs = "has no {} and is" if lost == 1 else "have no {} and are"
    name = readable(x.name).lower()
    return (f"{lost:,} of {len(x.values):,} rows {verbs.format(name)} left out",)


def named(column: Column) -> pl.Series:
    """The values of a column of names, with a word for NULL; others as they are."""
    return column.values.fill_null(NOTHING) if column.is_naming else column.values


def numbers_of(column: Column) -> pl.Series:
    """The values of a measure; a year or an id that was asked for is read as a number."""
    if column.kind == "number":
        return column.values
    return column.values.cast(polars().Float64, strict=False)


def sorted_along(table: Table, x: Column) -> Table:
    """Rows in the order of the axis: of time, of the period, or of the number."""
    frame = table.frame
    if x.kind == "period":
        places = {value: place for place, value in enumerate(x.order)}
        order = frame[X].replace_strict(places, default=len(places), return_dtype=polars().Int64)
        frame = frame.with_columns(order.alias("order")).sort("order", maintain_order=True)
        frame = frame.drop("order")
    elif x.kind in ("time", "number"):
        frame = frame.sort(X, maintain_order=True)
    return Table(frame=frame, titles=table.titles, notes=table.notes)


def largest(table: Table, key: str, most: int, *, additive: bool = False) -> Table:
    """The rows of the largest values of a key, largest first; the others are added up or left out.

    Args:
        table: Gathered rows.
        key: ``"x"`` or ``"color"``.
        most: How many values of the key stay.
        additive: Whether the others may be added up into one.
    """
    pl = polars()
    frame = table.frame
    sums = pl.sum_horizontal(pl.col(table.measures).abs().sum()).alias("size")
    sized = frame.group_by(key, maintain_order=True).agg(sums)
    order = sized.sort("size", descending=True, maintain_order=True)[key].to_list()
    places = {value: place for place, value in enumerate(order)}
    rank = frame[key].replace_strict(places, return_dtype=pl.Int64).alias("rank")
    frame = frame.with_columns(rank).sort("rank", maintain_order=True)
    rest = frame.filter(pl.col("rank") >= most).drop("rank")
    frame = frame.filter(pl.col("rank") < most).drop("rank")
    hidden = len(places) - most
    if hidden <= 0:
        return Table(frame=frame, titles=table.titles, notes=table.notes)
    note = f"the {most} largest of {len(places):,}"
    if additive:
        others = _added_up(rest, key, table, label=f"Other ({hidden:,})")
        frame = pl.concat([frame, others.select(frame.columns)], how="vertical_relaxed")
        note += ", all others in one"
    return Table(frame=frame, titles=table.titles, notes=(*table.notes, note))


def _added_up(rest: pl.DataFrame, key: str, table: Table, *, label: str) -> pl.DataFrame:
    pl = polars()
    keys = [name for name in table.keys if name != key]
    sums = [pl.col(name).sum() for name in table.measures]
    added = rest.group_by(keys, maintain_order=True).agg(sums) if keys else rest.select(sums)
    return added.with_columns(pl.lit(label).alias(key))


def thinned(frame: pl.DataFrame, measure: str, most: int) -> pl.DataFrame:
    """Rows of a line that look as all of them do: the least and the most of each stretch.

    Args:
        frame: Rows in their order.
        measure: Name of the column of heights.
        most: Rows that may stay.
    """
    pl = polars()
    if frame.height <= most:
        return frame
    # Two of each stretch, and both ends.
    stretch = -(-frame.height // max(1, (most - 2) // 2))
    rows = frame.select(measure).with_row_index("row")
    value = pl.col(measure)
    extremes = rows.group_by(pl.col("row") // stretch, maintain_order=True).agg(
        pl.col("row").get(value.arg_min()).alias("low"),
        pl.col("row").get(value.arg_max()).alias("high"),
    )
    kept = {0, frame.height - 1}
    # A stretch of nothing but NULL has neither.
    kept.update(extremes["low"].drop_nulls().to_list(), extremes["high"].drop_nulls().to_list())
    return frame[sorted(kept)]


def sampled(frame: pl.DataFrame, columns: list[str], most: int) -> pl.DataFrame:
    """Rows drawn by lot, the same ones each time, with the extremes of some columns among them."""
    if frame.height <= most:
        return frame
    rows = frame.with_row_index("row")
    kept = set(rows["row"].sample(max(1, most - 2 * len(columns)), seed=7).to_list())
    for name in columns:
        # A column of NULL alone has no extremes.
        kept.update(at for at in (frame[name].arg_min(), frame[name].arg_max()) if at is not None)
    return frame[sorted(kept)]


def places_of(values: pl.Series) -> list[Any]:
    """Values along an axis, as plotly takes them: numbers, ISO times, or plain text."""
    pl = polars()
    if values.dtype == pl.Date:
        return values.dt.to_string("%Y-%m-%d").to_list()
    if values.dtype == pl.Datetime:
        is_daily = (values.dt.truncate("1d") == values).all()
        pattern = "%Y-%m-%d" if is_daily else "%Y-%m-%dT%H:%M:%S%.3f"
        return values.dt.to_string(pattern).to_list()
    if values.dtype == pl.String:
        return [plain(value) for value in values.to_list()]
    return values.to_list()
