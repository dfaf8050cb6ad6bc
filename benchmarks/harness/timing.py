"""Measures a case: both sides in processes of their own, their runs interleaved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from .case import Case, Side, is_met
from .peers import SideFailedError, Worker
from .results import Row

QUICK_RUNS = 3


def measure(case: Case, folder: Path, *, quick: bool = False) -> Row:
    """Measure one case; what cannot be measured stays None, and the row's note says why.

    Args:
        case: What to measure.
        folder: The room's folder.
        quick: Take the small sizes and few runs.
    """
    if quick:
        # What is asked is asked of the full size.
        given = {**case.given, **case.quick}
        case = replace(case, given=given, runs=min(case.runs, QUICK_RUNS), asked="")
    notes: list[str] = []
    workers: list[Worker | None] = []
    try:
        for label, side in (("ours", case.ours), ("peer", case.peer)):
            workers.append(_start(case, side, folder, label, notes))
        ours, peer = _interleave(case, workers, notes)
    finally:
        for worker in workers:
            if worker:
                worker.stop()
    return _row(case, ours, peer, "; ".join(notes))


def _start(
    case: Case, side: Side | None, folder: Path, label: str, notes: list[str]
) -> Worker | None:
    if side is None:
        return None
    try:
        worker = Worker(side, folder, given=case.given, threads=case.threads)
    except SideFailedError as error:
        notes.append(f"{label}: {error}")
        return None
    try:
        # Caches fill, lazy imports load, and the processor wakes up; the figure is dropped.
        worker.run(min(case.seconds, 0.1))
    except SideFailedError as error:
        notes.append(f"{label}: {error}")
        worker.stop()
        return None
    return worker


def _interleave(
    case: Case, workers: Sequence[Worker | None], notes: list[str]
) -> tuple[list[float], list[float]]:
    """Ours, peer, ours, peer ...: a change in the machine's load meets both sides alike."""
    samples: tuple[list[float], list[float]] = ([], [])
    alive = list(workers)
    for _ in range(case.runs):
        for position, worker in enumerate(alive):
            if worker is None:
                continue
            try:
                done = worker.run(case.seconds)
            except SideFailedError as error:
                notes.append(f"{('ours', 'peer')[position]}: {error}")
                samples[position].clear()
                alive[position] = None
            else:
                samples[position].append(_FIGURES[case.measure](done, case.clock) * case.scale)
    return samples


_FIGURES: dict[str, Callable[[dict[str, float], str], float]] = {
    "rate": lambda done, clock: done["work"] / max(done[clock], 1e-9),
    "time": lambda done, clock: done[clock] / done["calls"],
    "figure": lambda done, _clock: done["work"] / done["calls"],
}


def quartiles(values: Sequence[float]) -> list[float] | None:
    """The first and third quartile; None of fewer than two values."""
    if len(values) < 2:
        return None
    first, _, third = quantiles(values, n=4, method="inclusive")
    return [first, third]


def _row(case: Case, ours: Sequence[float], peer: Sequence[float], note: str) -> Row:
    our_median = median(ours) if ours else None
    peer_median = median(peer) if peer else None
    ratio = our_median / peer_median if our_median is not None and peer_median else None
    pairs = [one / two for one, two in zip(ours, peer, strict=False) if two]
    return Row(
        name=case.name,
        unit=case.unit,
        ours=our_median,
        peer=peer_median,
        peer_name=case.peer_name,
        ratio=ratio,
        asked=case.asked,
        met=is_met(case.asked, our_median, peer_median),
        better=case.better,
        how=f"{case.how} [{case.clock} time, median of {case.runs}, {case.threads} thread(s)]",
        runs=case.runs,
        ours_quartiles=quartiles(ours),
        peer_quartiles=quartiles(peer),
        ratio_quartiles=quartiles(pairs),
        note=note,
    )
