"""Measures racto side by side with its peers, prints one table, and keeps the rows.

    python -m benchmarks                       all packages
    python -m benchmarks racto-stores-memory   one or several
    python -m benchmarks --quick               small and rough; keeps nothing in results/
    python -m benchmarks --list                what there is

Exit codes: 0 all measured and met, 1 something asked is not met, 2 wrong use, 3 a figure is
missing (a peer could not be installed, or a side failed) and all else is met.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .harness.peers import ROOT
from .harness.results import Row, write
from .harness.rooms import HOME, Room, available, open_room
from .harness.table import figure, render
from .harness.timing import measure

NOT_MET, MISSING = 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, measure, print and keep; return the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        rooms = [open_room(name) for name in chosen.packages or available()]
    except KeyError as error:
        parser.error(str(error.args[0]))
    if chosen.list:
        print("\n".join(f"{room.package}: {case.name}" for room in rooms for case in room.cases))
        return 0
    folder = chosen.out or (ROOT / ".benchmarks" if chosen.quick else HOME / "results")
    measured = {}
    for room in rooms:
        measured[room.package] = _measure(room, only=chosen.only, quick=chosen.quick)
        if not chosen.only:
            write(folder, room.package, measured[room.package])
    print(render(measured))
    if chosen.quick:
        print("\nquick: the sizes are smaller than the names of the rows say")
    if not chosen.only:
        print(f"\nkept in {folder}")
    return exit_code([row for rows in measured.values() for row in rows])


def exit_code(rows: Sequence[Row]) -> int:
    """0 when all is measured and met, 1 when something is not met, 3 when a figure is missing."""
    if any(row.met is False for row in rows):
        return NOT_MET
    return MISSING if any(row.note for row in rows) else 0


def _measure(room: Room, *, only: str, quick: bool) -> list[Row]:
    rows = []
    for case in room.cases:
        if only not in case.name:
            continue
        started = time.perf_counter()
        row = measure(case, room.folder, quick=quick)
        rows.append(row)
        print(
            f"{room.package}: {row.name}: ours {figure(row.ours)}, peer {figure(row.peer)} "
            f"{row.unit} ({time.perf_counter() - started:.0f} s){row.note and ': ' + row.note}",
            file=sys.stderr,
            flush=True,
        )
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("packages", nargs="*", metavar="package", help="such as racto-rag")
    parser.add_argument("--quick", action="store_true", help="small sizes, three runs")
    parser.add_argument("--list", action="store_true", help="list the cases and stop")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with this in their name")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to keep the rows")
    return parser


if __name__ == "__main__":
    sys.exit(main())
