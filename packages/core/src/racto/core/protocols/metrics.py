"""What racto asks of a metrics library: counters, distributions and gauges by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Metrics(Protocol):
    """Takes measurements. Must be safe to share by threads and tasks, and must never raise.

    Attributes of a measurement are its labels; keep them few and of few values.
    """

    def count(
        self, name: str, value: float = 1, attributes: Mapping[str, Any] | None = None
    ) -> None:
        """Add to a counter that only grows."""
        ...

    def record(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Add one value to a distribution, in the unit that the metric's name stands for."""
        ...

    def gauge(self, name: str, value: float, attributes: Mapping[str, Any] | None = None) -> None:
        """Set the current value of something that goes up and down."""
        ...
