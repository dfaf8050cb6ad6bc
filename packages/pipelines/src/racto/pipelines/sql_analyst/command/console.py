"""What the command shows: lines that no terminal obeys, tables, and where a run is."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from racto.core.errors import MissingExtraError
from racto.pipelines.sql_analyst.progress import StepEvent

_WORDS = {
    "schema": "reading the schema",
    "sql": "writing SQL",
    "guard": "checking it",
    "query": "asking the database",
    "analysis": "analysing the rows",
    "answer": "writing the answer",
    "chart": "drawing the chart",
}
_CELL = 60
# What is printable beyond any doubt, without asking the tables of Unicode.
_CODES = range(0x20, 0x7F)


def printable(text: str) -> str:
    """A text that a terminal prints and does not obey; line breaks and tabs stay."""
    return "".join(
        sign
        if ord(sign) in _CODES or sign in "\n\t" or sign.isprintable()
        else json.dumps(sign)[1:-1]
        for sign in text
    )


def say(text: str = "") -> None:
    """Print a line of the result."""
    print(printable(text))  # noqa: T201


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table.

    Args:
        names: Heads of the columns.
        rows: One sequence of values each.
    """
    shown = [["" if value is None else _cell(value) for value in row] for row in rows]
    try:
        _rich_table(list(map(_cell, names)), shown)
    except MissingExtraError:
        # A frame is for looks, and tabs tell the same.
        for row in [list(names), *shown]:
            say("\t".join(map(str, row)))


def narrate(event: StepEvent) -> None:
    """Print a line on standard error when a step has ended."""
    if event.state == "started":
        return
    words = _WORDS[event.step]
    attempt = f" (attempt {event.attempt})" if event.attempt > 1 else ""
    outcome = f": {event.detail}" if event.detail else ""
    sign = "ok " if event.state == "done" else "no "
    line = f"  {sign} {words}{attempt}{outcome} [{event.seconds * 1000:.0f} ms]"
    print(printable(" ".join(line.split("\n"))), file=sys.stderr)  # noqa: T201


def _cell(value: Any) -> str:
    text = printable(" ".join(str(value).split()))
    return text if len(text) <= _CELL else f"{text[: _CELL - 3]}..."


def _rich_table(names: list[str], rows: list[list[str]]) -> None:
    try:
        from rich.console import Console
    except ImportError as error:
        raise MissingExtraError(
            "rich", install="racto-pipelines[cli]", purpose="a table with a frame"
        ) from error
    from rich.table import Table
    from rich.text import Text

    made = Table()
    for name in names:
        made.add_column(Text(name))
    for row in rows:
        # Text objects, because square brackets in a string would be taken for markup.
        made.add_row(*map(Text, row))
    Console().print(made)
