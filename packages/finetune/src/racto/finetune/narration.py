"""What a wait prints for people: one line a change, and one now and then in between."""

from __future__ import annotations

from collections.abc import Callable

from .jobs import TuningEvent, TuningProgress
from .waiting import Report

_QUIET_SECONDS = 600.0
_MOST_EVENTS = 5


class Narrator:
    """Prints the progress of a wait; itself a :data:`~racto.finetune.waiting.Report`.

    Args:
        say: Takes a line; ``print`` when None.
    """

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        self._say = say or print
        self._told = ""
        self._told_at = 0.0

    def __call__(self, progress: TuningProgress) -> None:
        """Print what is new.

        Args:
            progress: What the wait has seen.
        """
        lines = [printable(event.message) for event in progress.events if _is_news(event)]
        # A wait that is taken up again gets the whole story at once.
        skipped = len(lines) - _MOST_EVENTS
        if skipped > 0:
            lines = [f"({skipped} earlier events)", *lines[skipped:]]
        # The time is not part of it: it always changes.
        now = _status(progress)
        is_quiet = progress.elapsed - self._told_at >= _QUIET_SECONDS
        if lines or now != self._told or is_quiet:
            for line in lines:
                self._say(f"  {line}")
            self._say(f"{progress.job.job_id}: {now} after {_span(progress.elapsed)}")
            self._told, self._told_at = now, progress.elapsed


def told(verbose: bool, on_progress: Report | None) -> Report | None:
    """Who is told of the progress of a wait; None for nobody.

    Args:
        verbose: Whether it is printed.
        on_progress: The caller's own function.
    """
    if not verbose:
        return on_progress
    narrator = Narrator()
    if on_progress is None:
        return narrator
    both = on_progress

    def tell(progress: TuningProgress) -> None:
        narrator(progress)
        both(progress)

    return tell


def printable(text: str) -> str:
    """A provider's text, in which a terminal would otherwise obey control characters."""
    return "".join(
        sign if sign.isprintable() or sign == " " else ascii(sign)[1:-1] for sign in text
    )


def _is_news(event: TuningEvent) -> bool:
    # Steps come by the hundred, and the status line has the latest one.
    return event.kind != "metrics"


def _status(progress: TuningProgress) -> str:
    job = progress.job
    words = printable(job.status)
    if progress.step is not None and not job.state.is_final:
        of = f" of {progress.total_steps}" if progress.total_steps else ""
        words += f", step {progress.step}{of}"
    elif job.epochs_done is not None and not job.state.is_final:
        words += f", {job.epochs_done} epochs done"
    return words


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
