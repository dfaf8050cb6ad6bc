"""How far a long count has come: one moving line in a terminal, a line now and then in logs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Meter: TypeAlias = Callable[[str, int, int | None], None]
"""Told what is counted, how many there were, and of how many where that is known."""

_SECONDS_IN_LOGS = 5.0
_SECONDS_IN_A_TERMINAL = 0.1
_WIDTH = 20


@contextmanager
def metered() -> Iterator[Meter]:
    """A meter on standard error; the line in a terminal is gone afterwards."""
    moves = sys.stderr.isatty()
    between = _SECONDS_IN_A_TERMINAL if moves else _SECONDS_IN_LOGS
    last = time.monotonic()

    def tell(what: str, count: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < between:
            return
        last = now
        line = f"  {count} {what}" if total is None else f"  {count}/{total} {what}"
        if moves:
            filled = 0 if not total else _WIDTH * count // total
            bar = f" [{'=' * filled:<{_WIDTH}}]" if total else ""
            print(f"\r\x1b[K{line}{bar}", end="", file=sys.stderr, flush=True)  # noqa: T201
        else:
            print(line, file=sys.stderr)  # noqa: T201

    try:
        yield tell
    finally:
        if moves:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201
