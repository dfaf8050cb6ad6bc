"""Finds the comparisons: benchmarks/<folder>/cases.py belongs to packages/<folder>."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .case import Case

HOME = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """The comparisons of one distribution.

    Attributes:
        package: Name of the distribution, such as ``racto-stores-memory``.
        folder: Where ``cases.py`` and the files of its sides lie.
        cases: The comparisons, in the order of the table.
    """

    package: str
    folder: Path
    cases: tuple[Case, ...]


def package_name(folder: str) -> str:
    """The distribution that lives in ``packages/<folder>``."""
    return "racto-" + folder.replace("_", "-")


def available() -> dict[str, Path]:
    """Folders with comparisons, by distribution, in the order of their names."""
    return {package_name(path.parent.name): path.parent for path in sorted(HOME.glob("*/cases.py"))}


def open_room(package: str) -> Room:
    """Load the comparisons of a distribution.

    Raises:
        KeyError: If it has none; the message lists those that have.
    """
    folders = available()
    if package not in folders:
        raise KeyError(f"no comparisons for {package!r}; there are some for {', '.join(folders)}")
    folder = folders[package]
    cases: Sequence[Case] = importlib.import_module(f"benchmarks.{folder.name}.cases").CASES
    return Room(package=package, folder=folder, cases=tuple(cases))
