"""What a run of analysis code has left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxResult:
    """The result of one run.

    Attributes:
        value: What the code named ``result``: a frame or series of the engine, None, a bool, int,
            float, str, bytes, ``Decimal``, date, time, datetime or timedelta, or a list or dict
            of these. Tuples, sets and arrays arrive as lists, categories as text.
        printed: What the code printed, cut at the sandbox's limit.
        dropped: Characters of the output that were cut off.
        duration_s: Seconds from the moment that the code was handed over to its answer.
    """

    value: Any
    printed: str = ""
    dropped: int = 0
    duration_s: float = 0.0
