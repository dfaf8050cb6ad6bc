"""Moments as Google writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def moment(after: float = 0.0) -> str:
    """A moment, from now on.

    Args:
        after: Seconds from now.
    """
    then = datetime.now(UTC) + timedelta(seconds=after)
    # Without a fixed form, moments as text would not sort: some would have no microseconds.
    return then.isoformat(timespec="microseconds").replace("+00:00", "Z")


def has_passed(told: str) -> bool:
    """Whether a moment is over.

    Args:
        told: The moment, as it was written.
    """
    return datetime.fromisoformat(told) <= datetime.now(UTC)
