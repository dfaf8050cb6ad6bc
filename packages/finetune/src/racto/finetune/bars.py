"""The one place that imports rich: a bar on standard error, where somebody looks at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from racto.core.errors import MissingExtraError

Advance: TypeAlias = Callable[[float, float | None], None]
"""Told how much is done, and of how much; None while the whole is not known."""


@contextmanager
def progress_bar(what: str, *, unit: str = "") -> Iterator[Advance | None]:
    """Show how far something is, until the block ends.

    Args:
        what: What is being done.
        unit: What is counted, for example ``examples``; without one the share is shown.

    Yields:
        A function to call as things go on; None where standard error is no terminal, or rich is
        not installed.
    """
    display = _display(unit) if sys.stderr.isatty() else None
    if display is None:
        yield None
        return
    with display:
        task = display.add_task(what, total=None)
        yield lambda done, total: display.update(task, completed=done, total=total)


def _display(unit: str) -> Any:
    try:
        return _bar(unit)
    except MissingExtraError:
        # Only a hint: a command that can do its work must not insist on looking good.
        return None


def _bar(unit: str) -> Any:
    try:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
        )
    except ImportError as error:
        raise MissingExtraError(
            "rich", install="racto-finetune[cli]", purpose="A progress bar"
        ) from error
    counted = (MofNCompleteColumn(), TextColumn(unit)) if unit else (TaskProgressColumn(),)
    # A file's name is no markup.
    what = TextColumn("{task.description}", markup=False)
    columns = (what, BarColumn(), *counted, TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
