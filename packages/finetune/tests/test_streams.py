"""Streams of examples: one at a time, errors that name the place, and what was lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, ReadError
from racto.finetune import RactoTrainingExample, RactoTrainingMessage, read_examples, write_examples

PAIR = RactoTrainingExample.from_pair("q", "a")


def test_both_ways(tmp_path: Path) -> None:
    written = write_examples(tmp_path / "a.jsonl", iter([PAIR] * 3), "gemini")
    assert (written.count, written.losses) == (3, {})
    assert list(read_examples(tmp_path / "a.jsonl")) == [(1, PAIR), (2, PAIR), (3, PAIR)]


def test_reading_is_lazy(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_examples(path, [PAIR])
    with path.open("a") as stream:
        stream.write("no json\n")
    lines = read_examples(path)
    assert next(lines) == (1, PAIR)
    with pytest.raises(ReadError, match="line 2: no JSON"):
        next(lines)


def test_what_was_lost_is_counted(tmp_path: Path) -> None:
    named = PAIR.replace(messages=[RactoTrainingMessage("user", "q", name="ann")])
    written = write_examples(tmp_path / "a.jsonl", [named, PAIR, named], "gemini", on_loss="drop")
    assert written.losses == {"a message's name": 2}


def test_a_source_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[RactoTrainingExample]:
        yield PAIR
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        write_examples(tmp_path / "a.jsonl", failing())
    assert list(tmp_path.iterdir()) == []


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no format is called"):
        write_examples(tmp_path / "a.jsonl", [PAIR], "nothing")
    choice = RactoTrainingExample.from_preference("q", chosen="g", rejected="b")
    with pytest.raises(ConfigurationError, match="example 2: a preference needs"):
        write_examples(tmp_path / "a.jsonl", [choice, PAIR], "trl-preference")
    with pytest.raises(ConfigurationError, match="example 1: a record is no JSON"):
        write_examples(tmp_path / "a.jsonl", [PAIR.replace(extra={"x": float("nan")})], "trl")
    assert list(tmp_path.iterdir()) == []
