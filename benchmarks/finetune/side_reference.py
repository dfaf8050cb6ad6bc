"""The reference package's dataset, by the same verbs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from chats import SYSTEM, pairs
from ractogateway.finetune import RactoDataset


def build(count: int, provider: str) -> Callable[[], int]:
    """From questions and answers to lines."""
    material = pairs(count)

    def once() -> int:
        dataset = RactoDataset.from_pairs(material, system=SYSTEM)
        assert dataset.to_jsonl_string(provider).count("\n") >= count - 1
        return count

    return once


def parse(count: int, provider: str) -> Callable[[], int]:
    """From a file of lines to examples."""
    path = Path(tempfile.mkdtemp()) / "chats.jsonl"
    RactoDataset.from_pairs(pairs(count), system=SYSTEM).export_jsonl(str(path), provider)

    def once() -> int:
        return len(RactoDataset.from_jsonl(str(path), provider))

    return once


def both(count: int, provider: str) -> Callable[[], int]:
    """Built, written, and read again."""
    material = pairs(count)
    path = Path(tempfile.mkdtemp()) / "chats.jsonl"

    def once() -> int:
        dataset = RactoDataset.from_pairs(material, system=SYSTEM)
        dataset.export_jsonl(str(path), provider, overwrite=True)
        return len(RactoDataset.from_jsonl(str(path), provider))

    return once


def validate(count: int) -> Callable[[], int]:
    """Its rules."""
    dataset = RactoDataset.from_pairs(pairs(count), system=SYSTEM)

    def once() -> int:
        assert not dataset.validate("openai")
        return count

    return once
