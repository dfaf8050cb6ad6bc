"""The printed table: one line a row, then how each row was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .results import Row

HEADER = ("case", "unit", "better", "ours", "peer", "ratio", "asked", "met", "peer is")
_RIGHT = {3, 4, 5}
_MET = {True: "yes", False: "NO", None: "-"}


def render(measured: Mapping[str, Sequence[Row]]) -> str:
    """Lay out the rows of all packages as one table.

    Args:
        measured: Rows by package.
    """
    cells = {package: [_cells(row) for row in rows] for package, rows in measured.items()}
    every = [HEADER, *(line for lines in cells.values() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    table = [_line(HEADER, widths), _line(["-" * width for width in widths], widths)]
    hows = ["", "ratio is ours / peer. How each row was measured:"]
    for package, rows in measured.items():
        table += [package, *(_line(line, widths) for line in cells[package])]
        hows += [package, *map(_how, rows)]
    return "\n".join(table + hows)


def _how(row: Row) -> str:
    missing = f"\n    MISSING: {row.note}" if row.note else ""
    return f"  {row.name}:\n    {row.how}{missing}"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"  {row.name}",
        row.unit,
        row.better,
        figure(row.ours),
        figure(row.peer),
        figure(row.ratio),
        row.asked or "-",
        _MET[row.met],
        row.peer_name or "-",
    )


def figure(value: float | None) -> str:
    """A figure with three significant digits, thousands grouped; a dash for None."""
    if value is None:
        return "-"
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 4
    return f"{value:,.{digits}f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    placed = (
        cell.rjust(width) if index in _RIGHT else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(placed).rstrip()
