"""Importing racto.core costs next to nothing beyond pydantic, which it is built on."""

from __future__ import annotations

import subprocess
import sys

BUDGET = 0.030
ROUNDS = 7

# CPU time of the interpreter itself, so that a busy machine does not count.
PROGRAM = "import time; start = time.process_time(); import {}; print(time.process_time() - start)"


def cost(modules: str) -> float:
    """CPU seconds that a fresh interpreter takes for an import."""
    command = [sys.executable, "-c", PROGRAM.format(modules)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_the_core_imports_within_its_budget() -> None:
    # Interleaved, and the best of each: noise only ever adds.
    pairs = [(cost("pydantic"), cost("pydantic, racto.core")) for _ in range(ROUNDS)]
    alone, with_core = (min(column) for column in zip(*pairs, strict=True))
    assert with_core - alone <= BUDGET, f"{(with_core - alone) * 1000:.1f} ms over pydantic"
