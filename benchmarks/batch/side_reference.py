"""The reference: whole jobs, in its own environment."""

from __future__ import annotations

from collections.abc import Callable

from fresh import measured  # type: ignore[import-not-found]


def whole_rate(count: int) -> Callable[[], float]:
    """Items a CPU second of the client."""
    return lambda: count / measured("job_reference.py", count)["cpu"]


def whole_memory(count: int) -> Callable[[], float]:
    """Megabytes at the peak."""
    return lambda: float(measured("job_reference.py", count)["peak"])
