"""A histogram in plain text, for terminals and logs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_FULL = "█"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a histogram.

    Attributes:
        low: The smallest value that belongs to it.
        high: The first value that no longer does.
        count: How many values there are.
    """

    low: int
    high: int
    count: int


def bins_of(counts: Mapping[int, int], most: int = 12) -> list[Bin]:
    """Gather values into bins of one width, a round number.

    Args:
        counts: How often each value occurs; values are 0 or more.
        most: Most bins.
    """
    if not counts:
        return []
    low, high = min(counts), max(counts)
    width = _round_width((high - low + 1) / most)
    start = low - low % width
    # The round start may need one bin more than the width was chosen for.
    if (high - start) // width + 1 > most:
        width = _round_width(width + 1)
        start = low - low % width
    made = [0] * ((high - start) // width + 1)
    for value, count in counts.items():
        made[(value - start) // width] += count
    return [
        Bin(low=start + at * width, high=start + (at + 1) * width, count=count)
        for at, count in enumerate(made)
    ]


def drawn(bins: Sequence[Bin], *, width: int = 40) -> str:
    """The bins as lines: their range, a bar, and how many there are.

    Args:
        bins: The bins.
        width: Characters of the longest bar.
    """
    if not bins:
        return ""
    most = max(each.count for each in bins)
    ranges = [f"{each.low:,}–{each.high - 1:,}" for each in bins]
    margin = max(map(len, ranges))
    return "\n".join(
        f"{name:>{margin}} │{_bar(each.count / most if most else 0, width):<{width}} {each.count:,}"
        for name, each in zip(ranges, bins, strict=True)
    )


def _bar(share: float, width: int) -> str:
    eighths = round(share * width * 8)
    # What is there must be seen.
    eighths = max(eighths, 1) if share else 0
    whole, rest = divmod(eighths, 8)
    return (_FULL * whole + (_EIGHTHS[rest] if rest else "")).rstrip()


def _round_width(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 and so on that is not below ``least``."""
    if least <= 1:
        return 1
    power = 10 ** math.floor(math.log10(least))
    return next(int(each * power) for each in (*_NICE, 10) if each * power >= least)
