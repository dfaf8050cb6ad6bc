"""Imports: every kind of file, folders in Hugging Face's layout, images beside a table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from racto.core.content import ImagePart
from racto.core.errors import ConfigurationError, ReadError
from racto.finetune import RactoDataset, RactoTrainingExample
from racto.finetune.sources.folders import files_of_split

ROWS = [{"question": f"q{n}", "answer": f"a\n{n}"} for n in range(3)]
DATASET = RactoDataset.from_pairs((row["question"], row["answer"]) for row in ROWS)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


CSV = "question,answer\n" + "".join(f'{row["question"]},"{row["answer"]}"\n' for row in ROWS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", lines(ROWS)),
        ("a.json", json.dumps(ROWS)),
        ("b.json", lines(ROWS)),
        ("a.csv", CSV),
        ("b.csv", "\ufeff" + CSV.replace("\n", "\r\n").replace("a\r\n", "a\n")),
        ("a.tsv", CSV.replace(",", "\t")),
    ],
    ids=["jsonl", "json", "json lines", "csv", "csv of a spreadsheet", "tsv"],
)
def test_files(name: str, text: str, tmp_path: Path) -> None:
    assert RactoDataset.from_source(write(tmp_path / name, text)) == DATASET
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    assert RactoDataset.from_source(tmp_path / f"{name}.gz") == DATASET


def test_parquet_and_arrow(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(ROWS)
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.feather")
    frame.write_ipc_stream(tmp_path / "a.arrow")
    for name in ("a.parquet", "a.feather", "a.arrow"):
        assert RactoDataset.from_source(tmp_path / name) == DATASET, name
    (tmp_path / "b.parquet").write_bytes(b"no parquet")
    with pytest.raises(ReadError, match=r"b\.parquet cannot be read"):
        RactoDataset.from_source(tmp_path / "b.parquet")


def test_parquet_of_conversations_with_tools(tmp_path: Path) -> None:
    pytest.importorskip("polars")
    record: dict[str, Any] = {
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "name": "f", "content": "1"},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }  # fmt: skip
    dataset = RactoDataset.from_records([record, {"messages": record["messages"][:1]}], "trl")
    path = dataset.export_parquet(tmp_path / "a.parquet")
    assert RactoDataset.from_source(path, provider="trl") == dataset


def test_names_of_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "frage,antwort,rolle,id\nq,a,s,7\n")
    with pytest.raises(ConfigurationError, match=r"row 2: the record's keys \(frage, antwort"):
        RactoDataset.from_source(path)
    columns = {"user": "frage", "assistant": "antwort", "system": "rolle"}
    (example,) = RactoDataset.from_source(path, columns=columns)
    assert example == RactoTrainingExample.from_pair("q", "a", system="s").replace(
        extra={"id": "7"}
    )
    for wrong, says in (
        ({"user": "x", "assistant": "antwort"}, "no column 'x'"),
        ({"teacher": "frage"}, "'teacher' is no role"),
        ({"user": "frage"}, "hold no question and answer"),
    ):
        with pytest.raises(ReadError, match=says):
            RactoDataset.from_source(path, columns=wrong)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "question,answer\nq\n", "line 2: 1 values under 2 names"),
        ("a.csv", 'question,answer\n"q,a\n', "unexpected end of data"),
        ("a.csv", "a,a\n1,2\n", "two columns have the same name"),
        ("a.json", "[1]", "row 1: expected an object, not int"),
        ("a.json", "[", "no JSON"),
        ("a.jsonl", '{"question": 1, "answer": []}', "answer: expected a text, not list"),
    ],
    ids=range(6),
)
def test_faults_are_named(name: str, text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=says):
        RactoDataset.from_source(write(tmp_path / name, text))


def test_no_utf8_and_unknown_kinds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"question,answer\n\xff,a\n")
    with pytest.raises(ReadError, match="not UTF-8"):
        RactoDataset.from_source(tmp_path / "a.csv")
    write(tmp_path / "a.xml", "<a/>")
    with pytest.raises(ConfigurationError, match=r"unknown kind of file; known are \.jsonl"):
        RactoDataset.from_source(tmp_path / "a.xml")
    with pytest.raises(FileNotFoundError):
        RactoDataset.from_source(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("files", "split", "found"),
    [
        (["data/train-00001-of-00002.jsonl", "data/train-00000-of-00002.jsonl", "data/test-0.jsonl"], "train",
         ["data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl"]),
        (["train.csv", "dev.csv"], "validation", ["dev.csv"]),
        (["train/a.jsonl", "validation/a.jsonl"], "validation", ["validation/a.jsonl"]),
        (["a.jsonl", "b.jsonl", "README.md", "dataset_infos.json"], "train", ["a.jsonl", "b.jsonl"]),
        (["gold.jsonl", "train.jsonl"], "gold", ["gold.jsonl"]),
        ([".cache/train.jsonl", "train.jsonl"], "train", ["train.jsonl"]),
        (["data/constraint.jsonl", "train.jsonl"], "train", ["train.jsonl"]),
    ],
    ids=["shards", "keywords", "folders", "no names", "own name", "hidden", "words"],
)  # fmt: skip
def test_folders(files: list[str], split: str, found: list[str], tmp_path: Path) -> None:
    for name in files:
        write(tmp_path / name, lines(ROWS))
    assert [
        path.relative_to(tmp_path).as_posix() for path in files_of_split(tmp_path, split)
    ] == found


def test_a_split_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", "")
    with pytest.raises(FileNotFoundError, match="'test'; splits found: train"):
        files_of_split(tmp_path, "test")


def test_a_folder_of_save_to_disk(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    place = tmp_path / "train"
    place.mkdir()
    polars.DataFrame(ROWS).write_ipc_stream(place / "data-00000-of-00001.arrow")
    state = write(
        place / "state.json",
        json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}),
    )
    assert RactoDataset.from_source(tmp_path) == DATASET
    write(state, "{}")
    with pytest.raises(ReadError, match="is damaged"):
        RactoDataset.from_source(tmp_path)


def test_images_beside_a_table(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.webp").write_bytes(b"abc")
    rows: list[dict[str, Any]] = [
        {"file_name": "img/a.webp", "question": "q", "answer": "a"},
        {"images": ["https://h.test/b.png", "img/a.webp"], "question": "q", "answer": "a"},
    ]
    write(tmp_path / "train" / "metadata.jsonl", "")
    first, second = RactoDataset.from_source(write(tmp_path / "metadata.jsonl", lines(rows)))
    local = ImagePart(data=b"abc", mime_type="image/webp", name="a.webp")
    assert first.messages[0].media == (local,)
    assert second.messages[0].media == (ImagePart(url="https://h.test/b.png"), local)
    assert first.extra == second.extra == {}


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "link.png", "none.png"])
def test_nothing_outside_the_folder_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder = tmp_path / "data"
    write(folder / "a.jsonl", lines([{"file_name": name, "question": "q", "answer": "a"}]))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ReadError, match="is not in the table's folder"):
        RactoDataset.from_source(folder / "a.jsonl")


def test_json_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes('[{"question": "Ä", "answer": "a"}]'.encode("latin-1"))
    with pytest.raises(ReadError, match="not UTF-8"):
        RactoDataset.from_source(file)
