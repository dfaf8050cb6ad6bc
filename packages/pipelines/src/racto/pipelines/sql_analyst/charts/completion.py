"""A spec that names a type or columns, completed: open columns filled, wrong ones explained."""

from __future__ import annotations

from racto.pipelines.errors import ChartError

from .columns import Column
from .specs import AUTO, ChartSpec
from .wording import listed

_OVER_TIME = ("line", "area")
_DISTRIBUTIONS = ("box", "violin")


def completed(spec: ChartSpec, columns: list[Column]) -> ChartSpec:
    """A spec whose type and columns are all named.

    Args:
        spec: What is asked for.
        columns: All columns of the result.

    Raises:
        ChartError: If a column is not there, or cannot do what the chart needs.
    """
    if not columns:
        raise ChartError("the result has no columns, so there is nothing to draw")
    spec = _with_true_names(spec, columns)
    by_name = {column.name: column for column in columns}
    if spec.chart_type == AUTO:
        spec = spec.model_copy(update={"chart_type": _type_for(spec, by_name)})
    spec = _filled(spec, columns)
    _check(spec, by_name)
    return spec


def _with_true_names(spec: ChartSpec, columns: list[Column]) -> ChartSpec:
    names = [column.name for column in columns]
    changed: dict[str, object] = {}
    for field in ("x", "color"):
        if (asked := getattr(spec, field)) is not None:
            changed[field] = _true_name(field, asked, names)
    if spec.measures:
        found = [_true_name("y", asked, names) for asked in spec.measures]
        changed["y"] = found[0] if isinstance(spec.y, str) else found
    return spec.model_copy(update=changed)


def _true_name(field: str, asked: str, names: list[str]) -> str:
    if asked in names:
        return asked
    # Databases fold capitals, each in its own way.
    close = [name for name in names if name.casefold() == asked.casefold()]
    if len(close) == 1:
        return close[0]
    raise ChartError(
        f"the chart's {field} names the column {asked!r}, which the result does not have; "
        f"it has {listed([repr(name) for name in names])}"
    )


def _type_for(spec: ChartSpec, by_name: dict[str, Column]) -> str:
    x = by_name[spec.x].kind if spec.x else ""
    # The axis says more about the type than the measures do.
    if x in ("time", "period"):
        return "line"
    if x == "number":
        return "scatter" if spec.y else "histogram"
    return "bar"


def _filled(spec: ChartSpec, columns: list[Column]) -> ChartSpec:
    kind, x, y = spec.chart_type, spec.x, spec.measures
    taken = {x, *y, spec.color}
    numbers = [c.name for c in columns if c.kind == "number" and c.name not in taken]
    axis = _axis(kind, [column for column in columns if column.name not in taken])
    if kind == "histogram":
        # Either field may name what is counted.
        if x is None:
            x, y = (y[0], y[1:]) if y else (numbers[0] if numbers else axis, [])
        return spec.model_copy(update={"x": x, "y": None})
    if kind == "heatmap":
        return _heatmap(spec, columns)
    if kind == "scatter":
        x = x or (numbers.pop(0) if numbers else axis)
        y = y or numbers[:1]
    else:
        y = y or numbers[:1]
        if x is None:
            x = axis
            spec = _parted(spec, [c for c in columns if c.name != x], len(columns[0].values))
    # An empty y means that rows are counted.
    return spec.model_copy(update={"x": x, "y": y[0] if len(y) == 1 else y or None})


def _parted(spec: ChartSpec, others: list[Column], rows: int) -> ChartSpec:
    """A type alone was named: a column of a few names makes series of what would be added up."""
    if spec.color is not None or spec.chart_type not in ("line", "area", "bar"):
        return spec
    fits = [column for column in others if column.kind == "category" and 1 < column.distinct < rows]
    if not fits or spec.measures[1:]:
        return spec
    chosen = min(fits, key=lambda column: column.distinct)
    return spec.model_copy(update={"color": chosen.name})


def _axis(kind: str, free: list[Column]) -> str | None:
    orders = {
        **dict.fromkeys(_OVER_TIME, ("time", "period", "category", "identifier", "number")),
        "scatter": ("time", "period", "category", "identifier"),
        **dict.fromkeys(_DISTRIBUTIONS, ("category", "period")),
    }
    for wanted in orders.get(kind, ("category", "period", "time", "identifier")):
        for column in free:
            if column.kind == wanted:
                return column.name
    return None


def _heatmap(spec: ChartSpec, columns: list[Column]) -> ChartSpec:
    by_name = {column.name: column for column in columns}
    numbers = [column.name for column in columns if column.kind == "number"]
    x, y, color = spec.x, spec.measures, spec.color
    # Several measures, or one beside a single name: the measures themselves are the other side.
    free = [c.name for c in columns if c.kind not in ("number", "none") and c.name not in (x, *y)]
    if x is None and free:
        x = free.pop(0)
    if not y and free:
        y = [free.pop(0)]
    if len(y) == 1 and by_name[y[0]].kind != "number" and color is None:
        color = next((name for name in numbers if name not in (x, *y)), None)
    if not y:
        y = [name for name in numbers if name != x]
    return spec.model_copy(update={"x": x, "y": y[0] if len(y) == 1 else y or None, "color": color})


def _check(spec: ChartSpec, by_name: dict[str, Column]) -> None:
    kind = spec.chart_type
    if spec.x is None and kind not in _DISTRIBUTIONS:
        raise ChartError(f"a {kind} chart needs a column for x, and no column of the result fits")
    named = [name for name in (spec.x, *spec.measures, spec.color) if name is not None]
    for name in named:
        if by_name[name].kind == "none":
            raise ChartError(
                f"the column {name!r} cannot be drawn: it is empty, or holds lists or bytes"
            )
    needs = [] if kind == "heatmap" and len(spec.measures) == 1 else spec.measures
    for name in needs:
        _check_measure(kind, by_name[name])
    # These three can count rows instead.
    if not spec.measures and kind not in ("bar", "histogram", "pie", "funnel"):
        raise ChartError(
            f"a {kind} chart needs a column of numbers for y; the result has none left"
        )
    if kind == "heatmap" and spec.color:
        _check_measure(kind, by_name[spec.color])


def _check_measure(kind: str, column: Column) -> None:
    if column.kind == "number":
        return
    # A year may be measured by whoever asks for it by name.
    if column.kind in ("period", "identifier") and column.values.str.contains(r"^-?\d+$").any():
        return
    holds = {"time": "dates", "period": "periods"}.get(column.kind, "text")
    raise ChartError(
        f"a {kind} chart measures numbers, and the column {column.name!r} holds {holds}; "
        "name another column as y"
    )
