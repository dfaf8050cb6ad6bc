"""How far a long reading has come: a bar in a terminal with rich, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from racto.core.errors import MissingExtraError

T = TypeVar("T")

_SECONDS_BETWEEN_LINES = 5.0
_STEP = 500


def watched(items: Iterable[T], *, total: int | None) -> Iterator[T]:
    """The same items, with their number shown on standard error.

    Args:
        items: What is counted as it passes.
        total: How many there will be, where that is known.
    """
    if not sys.stderr.isatty():
        yield from _lines(items, total)
        return
    try:
        display = _bar()
    except MissingExtraError:
        # Only a hint: a command that can do its work must not insist on looking good.
        yield from _lines(items, total)
        return
    with display:
        task = display.add_task("events", total=total)
        number = 0
        for number, item in enumerate(items, 1):
            if number % _STEP == 0:
                display.update(task, completed=number)
            yield item
        display.update(task, completed=number)


def _lines(items: Iterable[T], total: int | None) -> Iterator[T]:
    last = time.monotonic()
    for number, item in enumerate(items, 1):
        if number % _STEP == 0 and time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            of = f" of {total}" if total else ""
            print(f"  {number}{of} events", file=sys.stderr)  # noqa: T201
        yield item


def _bar() -> Any:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
    except ImportError as error:
        raise MissingExtraError(
            "rich", install="racto-kafka[cli]", purpose="A progress bar"
        ) from error
    columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
