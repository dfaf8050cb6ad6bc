"""Examples are checked before they are sent, and sent in the format that the provider takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, ReadError
from racto.core.flows import arun, run
from racto.finetune import DatasetFile, RactoDataset
from racto.finetune.training_data import Source, checked, working, written

DATASET = RactoDataset.from_pairs([(f"q{number}", f"a{number}") for number in range(12)])


def test_all_data_that_is_bad_is_named_at_once() -> None:
    bad = RactoDataset.from_pairs([("q", "")] * 12)
    with pytest.raises(ConfigurationError) as caught:
        run(checked({"training": RactoDataset(), "validation": bad}, "openai"))
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("format 'openai'; nothing was sent:")
    assert lines[1].startswith("  training: ")
    assert any(line.startswith("  validation: line 1") for line in lines)
    # Twelve of one and one of the other are more than are listed.
    assert len(lines) == 12
    assert lines[-1].endswith("more")


async def test_good_data_passes_in_both_voices(tmp_path: Path) -> None:
    path = DATASET.export_jsonl(tmp_path / "x.jsonl")
    sources: dict[str, Source] = {
        "training": DATASET,
        "validation": path,
        "more": DatasetFile(path),
    }
    run(checked(sources, "openai"))
    await arun(checked(sources, "openai"))


def test_few_examples_may_validate() -> None:
    run(checked({"training": DATASET, "validation": DATASET[:2]}, "openai"))
    with pytest.raises(ConfigurationError, match="validation: there are no examples"):
        run(checked({"training": DATASET, "validation": RactoDataset()}, "openai"))
    with pytest.raises(ConfigurationError, match="training: the dataset: 2 examples"):
        run(checked({"training": DATASET[:2]}, "openai"))
    run(checked({"training": DATASET[:2]}, "openai", waived=["size"]))


def test_a_file_without_a_record_is_an_error(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(ReadError, match="holds no record"):
        run(checked({"training": empty}, "openai"))


@pytest.mark.parametrize(
    ("name", "provider", "format", "is_taken"),
    [
        ("x.jsonl", "openai", "openai", True),
        ("x.jsonl.gz", "openai", "openai", False),
        ("x.jsonl", "gemini", "openai", False),
        # Gemini's format reads an older shape, too, which Vertex AI does not.
        ("x.jsonl", "gemini", "gemini", False),
    ],
    ids=["as it is", "packed", "converted", "gemini"],
)
def test_a_file_is_taken_as_it_is_when_it_fits(
    tmp_path: Path, name: str, provider: str, format: str, is_taken: bool
) -> None:
    source = DATASET.export_jsonl(tmp_path / name, provider)
    folder = tmp_path / "new"
    folder.mkdir()
    path = run(written(source, folder, "train.jsonl", format))
    assert (path == source) is is_taken
    assert path.read_text(encoding="utf-8") == DATASET.to_jsonl_string(format)
    assert run(written(DATASET, folder, "other.jsonl", format)).read_bytes() == path.read_bytes()


async def test_work_leaves_the_event_loop_free() -> None:
    import threading

    assert run(working(threading.get_ident)) == threading.get_ident()
    assert await arun(working(threading.get_ident)) != threading.get_ident()
