"""A dataset in a file: the same verbs, and memory that does not grow with it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, ReadError
from racto.finetune import DatasetFile, RactoDataset


@pytest.fixture
def file(tmp_path: Path) -> DatasetFile:
    """Twenty pairs, of which the first two ask the same."""
    questions = ["q0", "q0", *(f"q{n}" for n in range(2, 20))]
    pairs = RactoDataset.from_pairs((q, f"a{n}") for n, q in enumerate(questions))
    return DatasetFile(pairs.export_jsonl(tmp_path / "a.jsonl"))


def test_it_is_read_as_often_as_asked(file: DatasetFile) -> None:
    assert file.provider == "openai"
    assert list(file) == list(file)
    assert file.count() == len(list(file)) == 20
    assert repr(file).endswith("a.jsonl', 'openai')")
    assert [line for line, _ in file.numbered()] == list(range(1, 21))


def test_faults_are_findings_here(file: DatasetFile) -> None:
    with file.path.open("ab") as stream:
        stream.write(b'\n{"messages": 7}\nno json\n')
    report = file.check()
    assert [(finding.line, finding.rule) for finding in report.errors] == [
        (22, "format"),
        (23, "format"),
    ]
    assert "expected a list, not int" in report.errors[0]
    assert str(file.path) not in report.errors[0]
    assert len(file.validate()) == 2
    with pytest.raises(ConfigurationError, match="line 22"):
        file.require_valid()
    with pytest.raises(ReadError, match="line 22"):
        list(file)


def test_checks_against_another_file(file: DatasetFile, tmp_path: Path) -> None:
    other = RactoDataset.from_pairs([("q5", "x")])
    path = other.export_jsonl(tmp_path / "b.jsonl", "gemini")
    assert [finding.line for finding in file.leaks(DatasetFile(path))] == [6]
    assert [finding.rule for finding in file.check("gemini", validation=other).errors] == [
        "leakage"
    ]


def test_conversion(file: DatasetFile, tmp_path: Path) -> None:
    written = asyncio.run(file.aconvert(tmp_path / "b.jsonl.gz", "gemini"))
    assert (written.count, written.losses) == (20, {})
    again = DatasetFile(tmp_path / "b.jsonl.gz")
    assert again.provider == "gemini"
    assert list(again) == list(file)


def test_a_split_copies_the_very_lines(file: DatasetFile, tmp_path: Path) -> None:
    parts = tmp_path / "t.jsonl", tmp_path / "v.jsonl"
    assert file.split(*parts, seed=3) == (16, 4)
    lines = [path.read_bytes().splitlines() for path in parts]
    assert sorted(lines[0] + lines[1]) == sorted(file.path.read_bytes().splitlines())
    with pytest.raises(FileExistsError):
        file.split(*parts)
    before = parts[0].read_bytes()
    file.split(*parts, seed=3, overwrite=True)
    assert parts[0].read_bytes() == before
    with pytest.raises(ConfigurationError, match="the same name"):
        file.split(parts[0], parts[0], overwrite=True)


def test_a_failing_split_leaves_neither_file(file: DatasetFile, tmp_path: Path) -> None:
    with file.path.open("ab") as stream:
        stream.write(b"no json\n")
    parts = tmp_path / "t.jsonl", tmp_path / "v.jsonl"
    with pytest.raises(ReadError, match="line 21"):
        file.split(*parts, keep_prompts_together=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_split_keeps_prompts_together(file: DatasetFile, tmp_path: Path) -> None:
    for seed in range(5):
        parts = tmp_path / f"t{seed}.jsonl", tmp_path / f"v{seed}.jsonl"
        file.split(*parts, train_ratio=0.5, seed=seed, keep_prompts_together=True)
        assert DatasetFile(parts[0], "openai").leaks(DatasetFile(parts[1], "openai")) == []


def test_a_shuffle_keeps_every_line(file: DatasetFile, tmp_path: Path) -> None:
    data = file.path.read_bytes()
    file.path.write_bytes(b"\xef\xbb\xbf" + data.rstrip(b"\n").replace(b"\n", b"\n\n", 1))
    assert file.shuffle(tmp_path / "b.jsonl", seed=5) == 20
    mixed = (tmp_path / "b.jsonl").read_bytes()
    assert sorted(mixed.splitlines()) == sorted(data.splitlines())
    assert mixed != data
    file.shuffle(tmp_path / "c.jsonl", seed=5)
    assert (tmp_path / "c.jsonl").read_bytes() == mixed


def test_what_cannot_be_done(file: DatasetFile, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DatasetFile(tmp_path / "none.jsonl")
    with pytest.raises(FileNotFoundError):
        DatasetFile(tmp_path / "none.jsonl", "openai")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ReadError, match="holds no record"):
        DatasetFile(tmp_path / "empty.jsonl")
    (tmp_path / "odd.jsonl").write_text('{"foo": 1}')
    with pytest.raises(ConfigurationError, match="line 1: the record's keys"):
        DatasetFile(tmp_path / "odd.jsonl")
    file.convert(tmp_path / "a.jsonl.gz")
    with pytest.raises(ConfigurationError, match="is packed"):
        DatasetFile(tmp_path / "a.jsonl.gz").shuffle(tmp_path / "b.jsonl")


_FLAT = """
import resource, sys
from racto.finetune import DatasetFile
file = DatasetFile(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file.convert(sys.argv[1] + ".out", "gemini")
file.check(repeats=False)
file.summary()
file.split(sys.argv[1] + ".t", sys.argv[1] + ".v")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory in kilobytes")
def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    long = RactoDataset.from_pairs([("q" * 20_000, "a" * 20_000)]).to_jsonl_string()
    path.write_text(long * 600)
    # 24 MB through every verb; a file held in memory would show.
    done = subprocess.run(
        [sys.executable, "-c", _FLAT, path], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 15_000
