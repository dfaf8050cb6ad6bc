"""The dataset in memory: the reference's verbs, and what is beyond them."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, ReadError, UnsupportedFeatureError
from racto.finetune import RactoDataset, RactoTrainingExample, RactoTrainingMessage


def pairs(count: int = 10, system: str = "") -> RactoDataset:
    return RactoDataset.from_pairs(((f"q{n}", f"a{n}") for n in range(count)), system=system)


def test_it_is_a_collection() -> None:
    dataset = pairs(3, system="Be brief.")
    assert len(dataset) == 3
    assert [example.messages[1].content for example in dataset] == ["q0", "q1", "q2"]
    assert dataset[0].messages[0].content == "Be brief."
    assert dataset[1:] == RactoDataset(dataset.examples[1:])
    assert (len(RactoDataset()), repr(dataset)) == (0, "RactoDataset(3 examples)")
    assert dataset != [1]
    assert dataset.add(dataset[0]).extend([dataset[1]]) is dataset
    assert len(dataset + pairs(1)) == 6


def test_its_list_is_the_caller_s_own() -> None:
    dataset = pairs(2)
    dataset.examples.clear()
    assert len(dataset) == 2


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "trl", "sharegpt", "columns"])
def test_what_is_exported_comes_back(name: str, tmp_path: Path) -> None:
    dataset = pairs(5, system="s")
    path = dataset.export_jsonl(tmp_path / "a.jsonl", provider=name)
    assert RactoDataset.from_jsonl(path, provider=name) == dataset
    assert RactoDataset.from_jsonl(path, "auto") == dataset
    assert path.read_text("utf-8") == dataset.to_jsonl_string(name)


def test_line_separators_do_not_break_lines(tmp_path: Path) -> None:
    """Defect 41 of the reference: JSONL with U+2028 does not reload."""
    dataset = RactoDataset.from_pairs([("a\u2028b\u2029c\u0085d\n", "\ud800 \x00")])
    path = dataset.export_jsonl(tmp_path / "a.jsonl")
    assert RactoDataset.from_jsonl(path) == dataset
    assert len(path.read_text("utf-8").splitlines()) == 1
    assert "\u2028" not in path.read_text("utf-8")


def test_an_export_never_replaces_unasked(tmp_path: Path) -> None:
    path = pairs(1).export_jsonl(tmp_path / "a.jsonl")
    with pytest.raises(FileExistsError):
        pairs(2).export_jsonl(path)
    assert len(RactoDataset.from_jsonl(path)) == 1
    pairs(2).export_jsonl(path, overwrite=True)
    assert len(RactoDataset.from_jsonl(path)) == 2


def test_a_failing_export_leaves_nothing(tmp_path: Path) -> None:
    odd = RactoTrainingMessage("user", "q", name="ann")
    dataset = pairs(3).add(RactoTrainingExample([odd, RactoTrainingMessage("assistant", "a")]))
    with pytest.raises(UnsupportedFeatureError, match=r"example 4: .* a message's name"):
        dataset.export_jsonl(tmp_path / "a.jsonl", "gemini")
    assert list(tmp_path.iterdir()) == []
    dataset.export_jsonl(tmp_path / "a.jsonl", "gemini", on_loss="drop")
    assert len(RactoDataset.from_jsonl(tmp_path / "a.jsonl", "gemini")) == 4


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    path = pairs(1).export_jsonl(tmp_path / "a.jsonl")
    with path.open("a") as stream:
        stream.write('{"messages": [{"role": "user"}, 7]}\n')
    with pytest.raises(ReadError, match=r"line 2: not in OpenAI's chat format: messages\[1\]"):
        RactoDataset.from_jsonl(path)
    with pytest.raises(FileNotFoundError):
        RactoDataset.from_jsonl(tmp_path / "none.jsonl")


def test_records_of_any_format() -> None:
    dataset = pairs(2)
    records = [dataset[0].to_openai_dict(), dataset[1].to_gemini_dict()]
    assert RactoDataset.from_records(records) == dataset


def test_a_stream() -> None:
    stream = io.BytesIO()
    assert pairs(3).write_jsonl(stream, "gemini") == 3
    assert stream.getvalue().count(b"\n") == 3


def test_shuffles_are_the_same_for_the_same_seed() -> None:
    dataset = pairs(50)
    mixed = dataset.shuffle(seed=7)
    assert mixed == dataset.shuffle(seed=7)
    assert mixed != dataset.shuffle(seed=8)
    assert mixed != dataset
    assert counted(mixed) == counted(dataset)
    assert dataset == pairs(50)


def counted(dataset: RactoDataset) -> Counter[str]:
    return Counter(map(repr, dataset))


@pytest.mark.parametrize(
    ("ratio", "sizes"), [(0.8, (8, 2)), (0.99, (9, 1)), (0, (0, 10)), (1, (10, 0))], ids=str
)
def test_splits(ratio: float, sizes: tuple[int, int]) -> None:
    dataset = pairs(10)
    train, validation = dataset.split(ratio, seed=42)
    assert (len(train), len(validation)) == sizes
    assert counted(train + validation) == counted(dataset)
    assert (train, validation) == dataset.split(ratio, seed=42)
    assert len(dataset.split(ratio)[0]) == sizes[0]
    with pytest.raises(ConfigurationError, match="train_ratio"):
        dataset.split(1.5)


def test_a_split_without_leaks() -> None:
    dataset = RactoDataset.from_pairs((f"q{n % 20}", f"a{n}") for n in range(200))
    train, validation = dataset.split(0.7, seed=1, keep_prompts_together=True)
    assert train.leaks(validation) == []
    assert len(train) > len(validation) > 0
    assert counted(train + validation) == counted(dataset)
    leaky = dataset.split(0.7, seed=1)
    assert leaky[0].leaks(leaky[1])


def test_changes_make_new_datasets() -> None:
    dataset = pairs(4)
    assert len(dataset.filter(lambda example: example.messages[0].content != "q1")) == 3
    marked = dataset.map(lambda example: example.replace(extra={"x": 1}))
    assert all(example.extra for example in marked)
    assert not any(example.extra for example in dataset)
    assert (dataset + dataset[:2]).deduplicate() == dataset


def test_the_async_twins(tmp_path: Path) -> None:
    async def both() -> RactoDataset:
        path = await pairs(2).aexport_jsonl(tmp_path / "a.jsonl", "gemini")
        return await RactoDataset.afrom_jsonl(path, "gemini")

    assert asyncio.run(both()) == pairs(2)


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("polars")
    dataset = pairs(3, system="s")
    path = dataset.export_parquet(tmp_path / "a.parquet")
    assert RactoDataset.from_source(path) == dataset
