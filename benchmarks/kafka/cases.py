"""What is asked of racto-kafka: each ``*_cases.py`` beside this file lists its own in ``CASES``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from benchmarks.harness.case import Case

CASES: list[Case] = [
    case
    for room in sorted(path.stem for path in Path(__file__).parent.glob("*_cases.py"))
    for case in import_module(f"{__package__}.{room}").CASES
]
