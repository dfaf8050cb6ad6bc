"""Counts of tokens in providers' reports: what is no count is never taken for one, nor fatal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.usage import UsageState

# Far above what any call can cost, and far below where sums and prices lose their digits.
_LIMIT = 10**12


def count(value: Any) -> int | None:
    """The count that a value of a reply is; None when it is none.

    Args:
        value: Any JSON value. A count is a finite number from 0 to below 10**12.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Compared before it is converted: infinity and NaN have no integer.
    return int(value) if 0 <= value < _LIMIT else None


class Counts:
    """One report of usage, read field by field; it knows how far it can be trusted.

    Args:
        report: The report; anything but an object tells nothing.
    """

    def __init__(self, report: Any) -> None:
        self._report: Mapping[str, Any] = report if isinstance(report, Mapping) else {}
        self._is_told = False
        self._is_whole = True

    def read(self, name: str, *inside: str) -> int:
        """The count of a field; 0 when it is not told, and when it is no count.

        Args:
            name: The field.
            *inside: The objects of the report that it stands in, the outermost first.
        """
        value: Any = self._report
        for step in (*inside, name):
            value = value.get(step) if isinstance(value, Mapping) else None
        found = count(value)
        self._is_told |= found is not None
        self._is_whole &= found is not None or value is None
        return found or 0

    def state(self, *needed: str) -> UsageState:
        """How far what was read so far can be trusted.

        Args:
            *needed: The fields without which the report is not whole.

        Returns:
            ``unknown`` when nothing that was read is a count, ``partial`` when something that
            was read is none, or a needed field is not told.
        """
        if not self._is_told:
            return UsageState.UNKNOWN
        lacks = any(self._report.get(name) is None for name in needed)
        return UsageState.PARTIAL if lacks or not self._is_whole else UsageState.MEASURED


def add_report(sums: dict[str, Any], report: Any) -> None:
    """Take one of several reports about the same call; the larger count stands.

    Args:
        sums: What the reports told so far; what is no count stays only until one comes.
        report: A report of sums, which may leave out what others told.
    """
    for name, value in report.items() if isinstance(report, Mapping) else ():
        found, known = count(value), count(sums.get(name))
        if found is not None:
            sums[name] = found if known is None else max(found, known)
        elif known is None and value is not None:
            sums[name] = value
