"""Measures what statements cost in an interpreter that has done nothing else."""

from __future__ import annotations

import subprocess
import sys


def cpu_ms(statements: str) -> float:
    """Milliseconds of CPU that the statements take in a fresh process."""
    code = f"import time\nbegan = time.process_time()\n{statements}\n"
    code += "print((time.process_time() - began) * 1e3)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)
