"""racto's dataset: in memory, and in files that are read as they are needed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from chats import SYSTEM, pairs

from racto.finetune import RactoDataset


def build(count: int, provider: str) -> Callable[[], int]:
    """From questions and answers to lines."""
    material = pairs(count)

    def once() -> int:
        dataset = RactoDataset.from_pairs(material, system=SYSTEM)
        assert dataset.to_jsonl_string(provider).count("\n") == count
        return count

    return once


def parse(count: int, provider: str) -> Callable[[], int]:
    """From a file of lines to examples."""
    path = Path(tempfile.mkdtemp()) / "chats.jsonl"
    RactoDataset.from_pairs(pairs(count), system=SYSTEM).export_jsonl(path, provider)

    def once() -> int:
        return len(RactoDataset.from_jsonl(path, provider))

    return once


def both(count: int, provider: str) -> Callable[[], int]:
    """Built, written as a whole file, and read again."""
    material = pairs(count)
    path = Path(tempfile.mkdtemp()) / "chats.jsonl"

    def once() -> int:
        dataset = RactoDataset.from_pairs(material, system=SYSTEM)
        dataset.export_jsonl(path, provider, overwrite=True)
        return len(RactoDataset.from_jsonl(path, provider))

    return once


def validate(count: int) -> Callable[[], int]:
    """Every rule, duplicates and tokens included."""
    dataset = RactoDataset.from_pairs(pairs(count), system=SYSTEM)

    def once() -> int:
        assert dataset.validate("openai") == []
        return count

    return once


_STREAM = """
import resource, sys
from racto.finetune import DatasetFile
file = DatasetFile(sys.argv[1])
written = file.convert(sys.argv[1] + ".out", "gemini")
report = file.check(repeats=False)
file.split(sys.argv[1] + ".t", sys.argv[1] + ".v")
assert written.count == report.examples
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak(count: int) -> Callable[[], float]:
    """The most memory of a process that converts, checks and splits a file, in MB."""

    def once() -> float:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "chats.jsonl"
            with path.open("w", encoding="utf-8") as stream:
                for start in range(0, count, 1_000):
                    part = RactoDataset.from_pairs(pairs(min(1_000, count - start)), system=SYSTEM)
                    stream.write(part.to_jsonl_string())
            done = subprocess.run(
                [sys.executable, "-c", _STREAM, path], capture_output=True, text=True, check=True
            )
            return float(done.stdout)

    return once
