"""How far a job is, while somebody waits for it: a bar on a terminal, lines anywhere else."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from racto.core.errors import MissingExtraError

from .jobs import BatchJobInfo


class Progress:
    """Shows a job after each look at it; use it in a ``with`` block."""

    def __init__(self) -> None:
        self._last = ""
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            try:
                self._bar = _bar()
                self._bar.start()
            except MissingExtraError as error:
                # A bar is for looks, and the lines tell the same.
                print(error, file=sys.stderr)  # noqa: T201
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, info: BatchJobInfo) -> None:
        """Tell of the job; without a terminal only when something has changed."""
        counts = info.counts
        total = max(counts.total, info.request_count)
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task("", total=total)
            self._bar.update(
                self._task, completed=counts.done, total=total, description=told(info.status)
            )
            return
        failed = f", {counts.failed} failed" if counts.failed else ""
        # Logs of nightly jobs need no line a minute.
        line = f"{info.status}: {counts.done} of {total} done{failed}"
        if line != self._last:
            print(line, file=sys.stderr)  # noqa: T201
            self._last = line


def told(status: str) -> str:
    """A status in words for people."""
    return str(status).replace("_", " ")


def _bar() -> Any:
    try:
        from rich import progress
    except ImportError as error:
        raise MissingExtraError(
            "rich", install="racto-batch[cli]", purpose="a progress bar"
        ) from error
    from rich.console import Console

    return progress.Progress(
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        console=Console(stderr=True),
    )
