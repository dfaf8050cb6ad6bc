"""What is asked of the sandbox: ready within 300 ms, and within 30 ms from a warm pool."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Side

_COLD = "wall time of a run that starts its process: interpreter, locks, libraries, one sum"
_WARM = "wall time of a run by a process that waits: last lock, one sum, answer, end"


def _case(name: str, how: str, most: int, **given: Any) -> Case:
    return Case(
        name=name,
        unit="ms",
        measure="figure",
        better="lower",
        how=how,
        given=given,
        ours=Side(file="side_sandbox.py", function="start"),
        # Filling the pool would run beside the peer, and slow it down.
        peer=None if given["warm"] else Side(file="side_sandbox.py", function="bare"),
        peer_name="" if given["warm"] else "the same sum by `python -c`, with nothing locked",
        asked=f"ours <= {most}",
        clock="wall",
        runs=9,
        seconds=0,
    )


SANDBOX_CASES = [
    _case("sandbox, cold, polars", _COLD, 300, engine="polars", warm=False),
    _case("sandbox, from a warm pool, polars", _WARM, 30, engine="polars", warm=True),
    _case("sandbox, cold, pandas", _COLD, 300, engine="pandas", warm=False),
    _case("sandbox, from a warm pool, pandas", _WARM, 30, engine="pandas", warm=True),
]
