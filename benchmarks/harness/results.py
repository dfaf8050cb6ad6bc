"""The rows that a run yields, and the files that keep them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One measured case; the keys of the JSON files are these, in this order.

    Attributes:
        name: What is compared.
        unit: Unit of ``ours`` and ``peer``.
        ours: Our figure, a median; None when it could not be measured.
        peer: The peer's, measured in the same run; None without one.
        peer_name: Who the peer is.
        ratio: ``ours / peer``, whichever direction is the better one.
        asked: What is asked, of ``ours``, ``ratio`` or ``difference`` (ours - peer).
        met: Whether it is; None when nothing is asked or a figure is missing.
        better: ``higher`` or ``lower``.
        how: How it was measured, in one line.
        runs: How many runs of each side were made.
        ours_quartiles: First and third quartile of our runs.
        peer_quartiles: The same of the peer's.
        ratio_quartiles: The same of the ratios of neighbouring runs.
        note: Why a figure is missing; empty when none is.
    """

    name: str
    unit: str
    ours: float | None
    peer: float | None
    peer_name: str
    ratio: float | None
    asked: str
    met: bool | None
    better: str
    how: str
    runs: int
    ours_quartiles: list[float] | None = None
    peer_quartiles: list[float] | None = None
    ratio_quartiles: list[float] | None = None
    note: str = ""


def write(folder: Path, package: str, rows: Sequence[Row]) -> Path:
    """Write ``<package>.json`` and, in ``machines/``, what it was measured on.

    Figures keep four digits, so that a file which is written again differs little.

    Returns:
        The path of the rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{package}.json"
    _dump(path, [_rounded(asdict(row)) for row in rows])
    machines = folder / "machines"
    machines.mkdir(exist_ok=True)
    _dump(machines / f"{package}.json", machine())
    return path


def _dump(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _round(value) for key, value in row.items()}


def _round(value: Any) -> Any:
    if isinstance(value, list):
        return [_round(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def machine() -> dict[str, Any]:
    """What is worth knowing of this machine: processor, cores, memory, system, Python, load."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None
