"""Axes that can be read: titles, numbers with separators, dates, long labels, huge spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .columns import Column
from .wording import plain, readable, shortened, words_of

if TYPE_CHECKING:
    import polars as pl

HUGE_SPAN = 1_000.0
"""How many times the middle value the largest must be, so that a logarithm is needed to see both."""

SIMILAR_SPAN = 25.0
"""How far the sizes of measures may lie apart to share one axis."""

_LONGEST_UPRIGHT = 12


def along(
    column: Column, *, label: str | None = None, values: list[Any] | None = None
) -> dict[str, Any]:
    """The axis that a column of names, times or numbers stands along.

    Args:
        column: The column.
        label: The user's own title.
        values: The names in their order, already plain; for axes of names.
    """
    title = plain(label) if label is not None else plain(readable(column.name))
    if column.zone and label is None:
        title += f" ({plain(column.zone)})"
    axis: dict[str, Any] = {"title": {"text": title}}
    if column.is_naming:
        # Without it plotly reads "2024" or "12" as numbers and puts half years between them.
        axis["type"] = "category"
        if values is not None:
            axis |= _ticks(values)
    elif column.kind == "time":
        axis["type"] = "date"
    else:
        axis |= numbers(column.name)
    return axis


def _ticks(values: list[Any]) -> dict[str, Any]:
    names = [str(value) for value in dict.fromkeys(values)]
    shown: dict[str, Any] = {"categoryorder": "array", "categoryarray": names}
    if any(len(name) > 40 for name in names):
        shown |= {"tickvals": names, "ticktext": [shortened(name) for name in names]}
    return shown


def measured(name: str, *, title: str) -> dict[str, Any]:
    """The axis of a measure.

    Args:
        name: Name of its column, which may tell a unit.
        title: Its title, already plain.
    """
    return {"title": {"text": title}} | numbers(name)


def numbers(name: str) -> dict[str, Any]:
    """How the numbers of a column are written along an axis."""
    words = set(words_of(name))
    if words & {"percent", "percentage", "pct"}:
        return {"ticksuffix": " %", "separatethousands": True}
    return {"separatethousands": True, "exponentformat": "SI"}


def spans_hugely(values: pl.Series) -> bool:
    """Whether most values would vanish beside the largest; only of positive ones."""
    low, middle, high = values.min(), values.median(), values.max()
    if low is None or middle is None or high is None or low <= 0:  # type: ignore[operator]
        return False
    # A few values near nothing alone are no reason: a line that touches the ground is seen so.
    return bool(high / middle >= HUGE_SPAN)  # type: ignore[operator]


def logarithmic() -> dict[str, Any]:
    """An axis of powers of ten."""
    return {"type": "log", "dtick": 1}


def are_similar(series: list[pl.Series]) -> bool:
    """Whether measures can share one axis without one of them being flat."""
    sizes = [float(size) for one in series if (size := one.abs().max())]  # type: ignore[arg-type]
    return not sizes or max(sizes) / min(sizes) <= SIMILAR_SPAN


def lie_better(values: list[Any]) -> bool:
    """Whether bars should lie, for their names to be read without turning one's head."""
    longest = max((len(str(value)) for value in values), default=0)
    return (longest > _LONGEST_UPRIGHT and len(values) > 3) or len(values) > 12 or longest > 24


def stacked_rows(count: int) -> list[tuple[float, float]]:
    """The heights of plots one above the other, the first at the top, between 0 and 1."""
    gap = 0.08
    height = (1 - gap * (count - 1)) / count
    tops = [1 - place * (height + gap) for place in range(count)]
    # Floats may come out below nothing by a hair, which plotly refuses.
    return [(max(0.0, top - height), top) for top in tops]
