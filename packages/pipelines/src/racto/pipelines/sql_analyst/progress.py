"""Events of a run: which step begins, ends, fails or begins again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

StepName: TypeAlias = Literal["schema", "sql", "guard", "query", "analysis", "answer", "chart"]
"""A step of a run, in the order in which they come."""

StepState: TypeAlias = Literal["started", "done", "failed"]
"""Where a step is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent:
    """Something that happened in a run.

    Attributes:
        step: Which step.
        state: Where it is now.
        attempt: Counts from 1; more when the step is tried again.
        seconds: How long it took; 0.0 when it only begins.
        detail: A few words for people: rows found, why it failed. Holds no row values.
    """

    step: StepName
    state: StepState
    attempt: int = 1
    seconds: float = 0.0
    detail: str = ""


StepListener: TypeAlias = Callable[[StepEvent], None]
"""Gets each event as it happens, in the thread or on the loop that runs the pipeline."""


class Stopwatch:
    """Times the steps of one run and tells a listener of them.

    Args:
        listener: Gets the events; None for nobody.
    """

    __slots__ = ("_begun", "_listener", "seconds")

    def __init__(self, listener: StepListener | None) -> None:
        self._listener = listener
        self._begun = 0.0
        self.seconds: dict[str, float] = {}

    def start(self, step: StepName, *, attempt: int = 1) -> None:
        """A step begins."""
        self._begun = time.perf_counter()
        if self._listener is not None:
            self._listener(StepEvent(step=step, state="started", attempt=attempt))

    def done(self, step: StepName, detail: str = "", *, attempt: int = 1) -> None:
        """The step that began last has ended well."""
        self._end(step, "done", detail, attempt)

    def failed(self, step: StepName, detail: str, *, attempt: int = 1) -> None:
        """The step that began last has failed."""
        self._end(step, "failed", detail, attempt)

    def _end(self, step: StepName, state: StepState, detail: str, attempt: int) -> None:
        elapsed = time.perf_counter() - self._begun
        # Attempts add up: the caller wants to know where the time went.
        self.seconds[step] = self.seconds.get(step, 0.0) + elapsed
        if self._listener is not None:
            event = StepEvent(
                step=step, state=state, attempt=attempt, seconds=elapsed, detail=detail
            )
            self._listener(event)
