"""What is asked of the stream: 0.85 or more of a bare loop's rate, and under 3 times its delay."""

from __future__ import annotations

from typing import Literal

from benchmarks.harness.case import Case, Side

_FILE = "side_streams.py"
_LOOP = (
    "40,000 records of 170 B from 4 partitions, JSON read, one output each, batches of 500; "
    "commits each 0.5 s of what is acknowledged"
)


def _loop(workers: int, clock: Literal["cpu", "wall"], asked: str) -> Case:
    return Case(
        name=f"stream loop, {workers} worker{'s' * (workers > 1)}, "
        f"{'CPU' if clock == 'cpu' else 'wall'} time",
        unit="records/s",
        measure="rate",
        better="higher",
        how=_LOOP,
        given={"size": 40_000, "workers": workers},
        quick={"size": 2_000},
        ours=Side(file=_FILE, function="streamed"),
        peer=Side(file=_FILE, function="bare_streamed"),
        peer_name="Consumer.consume, Producer.produce, flush and commit by hand",
        asked=asked,
        clock=clock,
    )


CASES = [
    _loop(1, "cpu", ""),
    _loop(1, "wall", "ratio >= 0.85"),
    _loop(4, "wall", ""),
    Case(
        name="produce to handled, 99th percentile",
        unit="ms",
        measure="figure",
        better="lower",
        how="500 records, one each 2 ms, no linger, fetch.wait.max.ms 5; the slowest but 5",
        given={"size": 500},
        quick={"size": 100},
        ours=Side(file=_FILE, function="delayed"),
        peer=Side(file=_FILE, function="bare_delayed"),
        peer_name="Producer.produce and Consumer.poll",
        asked="ratio <= 3",
        scale=1e3,
        clock="wall",
    ),
]
