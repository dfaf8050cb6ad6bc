"""Runs of the sandbox by the clock on the wall, beside an interpreter without a lock."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

SUM = "result = df['a'].sum()"


def start(engine: str, warm: bool) -> Callable[[], float]:
    """A run of one sum over 50 rows, in milliseconds.

    Args:
        engine: The library of the frame.
        warm: Whether a process waits for the job.
    """
    import polars as pl

    from racto.pipelines.sql_analyst.sandbox import AnalysisSandbox

    frame = pl.DataFrame({"a": list(range(50))})
    sandbox = AnalysisSandbox(engine="pandas" if engine == "pandas" else "polars", pool=int(warm))

    def once() -> float:
        # Filling the pool is no part of the wait of whoever asks.
        sandbox.warm()
        begun = time.perf_counter()
        assert sandbox.run(SUM, frame).value == 1225
        return (time.perf_counter() - begun) * 1e3

    return once


def bare(engine: str, warm: bool) -> Callable[[], float]:
    """The same sum by a new interpreter, in milliseconds.

    Args:
        engine: The library of the frame.
        warm: Has no meaning here: nothing waits.
    """
    code = f"import {engine} as lib; df = lib.DataFrame({{'a': list(range(50))}}); {SUM}"

    def once() -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return (time.perf_counter() - begun) * 1e3

    return once
