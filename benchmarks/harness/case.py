"""What a comparison is made of: two sides, what to measure on them, and what is asked of us."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_ASKED = re.compile(r"(ours|ratio|difference) (<=|>=|<|>) (-?\d+(?:\.\d+)?)")
_COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """A virtual environment of a peer's own, so that its dependencies never meet ours.

    Attributes:
        name: Folder under ``.cache/peers``.
        requirements: What to install, as pip takes it; pin what the figures depend on.
    """

    name: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two things compared: a function in a file, run in an environment.

    The function prepares the work and returns a callable without arguments that does it once.
    What the callable returns is the amount of work done (bytes, queries), 1 when it returns
    None; or, for cases that measure a ``figure``, the figure.

    Attributes:
        file: Python file beside the room's ``cases.py``. It may import whatever its environment
            holds and its neighbours in that folder, but not the harness.
        function: Name of the function in it; called with the case's ``given``.
        environment: Where it runs; None is racto's own environment.
    """

    file: str
    function: str
    environment: Environment | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One row of the table.

    Attributes:
        name: What is compared, with its size; unique within the package.
        unit: Unit of both figures.
        measure: ``rate``: work per second; ``time``: seconds a call; ``figure``: what the
            callable returns.
        better: Whether higher or lower figures are better.
        how: How it was measured, in one line.
        ours: Our side.
        peer: The other side; None for a figure that stands alone.
        peer_name: What the other side is, with its version where that matters.
        asked: ``"ratio >= 0.9"``, ``"ours <= 1.2"`` or ``"difference <= 30"``, where ratio is
            ours / peer and difference is ours - peer; empty when nothing is asked.
        scale: Multiplies both figures: 1e-6 turns bytes into MB, 1e3 seconds into ms.
        given: Keyword arguments of both functions.
        quick: What ``--quick`` replaces in ``given``.
        clock: ``cpu`` is the process's CPU time in all its threads, which other load on the
            machine hardly changes; ``wall`` is for what waits or uses several processes.
        threads: BLAS and OpenMP threads of both sides.
        runs: How many runs of each side; the median counts.
        seconds: How long one run repeats the call; 0 is one call a run.

    Raises:
        ValueError: If ``asked`` cannot be understood, or compares with a peer that is not there.
    """

    name: str
    unit: str
    measure: Literal["rate", "time", "figure"]
    better: Literal["higher", "lower"]
    how: str
    ours: Side
    peer: Side | None = None
    peer_name: str = ""
    asked: str = ""
    scale: float = 1.0
    given: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    clock: Literal["cpu", "wall"] = "cpu"
    threads: int = 1
    runs: int = 7
    seconds: float = 0.3

    def __post_init__(self) -> None:
        if not self.asked:
            return
        found = _ASKED.fullmatch(self.asked)
        if found is None:
            raise ValueError(
                f"{self.name}: asked={self.asked!r}; write for example 'ratio >= 0.9', "
                f"'ours <= 1.2' or 'difference <= 30'"
            )
        if found[1] != "ours" and self.peer is None:
            raise ValueError(f"{self.name}: asked={self.asked!r} needs a peer")


def is_met(asked: str, ours: float | None, peer: float | None) -> bool | None:
    """Whether the figures satisfy what is asked; None when nothing is, or a figure is missing."""
    found = _ASKED.fullmatch(asked)
    if found is None or ours is None:
        return None
    what, comparison, bound = found.groups()
    if what != "ours" and not peer:
        return None
    value = {"ours": ours, "ratio": ours / (peer or 1), "difference": ours - (peer or 0)}[what]
    return bool(_COMPARE[comparison](value, float(bound)))
